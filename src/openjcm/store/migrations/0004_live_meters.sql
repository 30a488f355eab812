-- Live meters: gateways, their keys, the signed batches they send, and what became of each.

create table gateway (
  gateway_id          text primary key check (gateway_id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  project             text not null references project,
  clock_ahead_seconds integer not null check (clock_ahead_seconds between 1 and 86400),
  late_after_days     integer not null check (late_after_days between 1 and 3660),
  entry_no            bigint not null references journal
);
create index gateway_project on gateway (project);

create table gateway_key (
  key_id      text not null unique,                          -- RFC 7638 thumbprint
  gateway_id  text not null references gateway,
  public_key  text not null,                                 -- base64url
  valid_since timestamptz not null,
  valid_until timestamptz,                                   -- null: not known
  entry_no    bigint primary key references journal,         -- also the key's number in the tables of batches
  check (valid_until > valid_since)
);
create index gateway_key_gateway on gateway_key (gateway_id);

create table gateway_key_revocation (
  key_id     text primary key references gateway_key (key_id),
  revoked_at timestamptz not null,
  reason     text not null,
  entry_no   bigint not null references journal
);

-- For which meters a gateway may speak, from an instant on; the newest list of an instant holds.
create table gateway_meters (
  gateway_id  text not null references gateway,
  valid_since timestamptz not null,
  meters      text[] not null,
  entry_no    bigint primary key references journal
);
create index gateway_meters_gateway on gateway_meters (gateway_id);

-- Numbers of a key that will never come: the gateway lost them.
create table batch_loss (
  key_id   text not null references gateway_key (key_id),
  numbers  int8range not null check (not isempty(numbers)),
  reason   text not null,
  entry_no bigint primary key references journal,
  exclude using gist (key_id with =, numbers with &&)
);

-- Spans of a project for which no further batch is taken.
create table live_closing (
  project  text not null references project,
  days     daterange not null check (not isempty(days)),
  span     tstzrange not null check (not isempty(span)),
  entry_no bigint primary key references journal,
  exclude using gist (project with =, span with &&)
);

-- The signed bytes as they came. The header follows from the key; payload and signature are kept. The row is written
-- once, under the lock of its key's chain and in the transaction of its receipt: key_no and receipt_no are checked by the
-- audit and not by constraint, row for row, on the way in.
create table batch (
  batch_no    bigint generated always as identity primary key,
  sha256      bytea not null unique check (octet_length(sha256) = 32),
  key_no      bigint not null,
  sequence    bigint not null check (sequence > 0),
  content     bigint not null,                               -- first 64 bits of SHA-256 over the readings alone
  first_us    bigint not null,                               -- of its readings
  last_us     bigint not null,
  received_us bigint not null,
  status      text not null check (status in ('accepted', 'held', 'quarantined')),
  rule        text,
  facts       jsonb,
  payload     bytea not null,
  signature   bytea not null,
  receipt_no  bigint not null,
  check ((rule is null) = (status = 'accepted'))
);
alter table batch set (toast_tuple_target = 8160);           -- a usual batch stays in its row, uncompressed
alter table batch alter payload set storage external;
create index batch_content on batch (key_no, content) where status <> 'quarantined';
create index batch_time on batch (key_no, last_us);
create index batch_waiting on batch (key_no, sequence) where status = 'held';

-- What became of a batch that waited.
create table batch_release (
  batch_no bigint primary key references batch,
  status   text not null check (status in ('accepted', 'quarantined')),
  rule     text,
  facts    jsonb,
  receipt_no bigint not null,
  check ((rule is null) = (status = 'accepted'))
);
create index batch_release_receipt on batch_release (receipt_no);
create index batch_receipt_no on batch (receipt_no);

-- One receipt for all batches of one commit: its root stands in the journal entry, and so in the log.
create sequence batch_receipt_number;
create table batch_receipt (
  receipt_no bigint primary key,
  lines      integer not null check (lines > 0),
  root       text not null check (root ~ '^[0-9a-f]{64}$'),   -- RFC 6962 tree over the lines (see docs/live_meters.md)
  entry_no   bigint not null unique references journal
);

-- How far the chain of each key has come. Follows from the batches; the audit compares.
create table batch_chain (
  key_no          bigint primary key references gateway_key,
  next_sequence   bigint not null default 1,
  head            text not null default repeat('0', 64),
  last_created_us bigint not null default 0,
  waiting         integer not null default 0 check (waiting >= 0)
) with (fillfactor = 50);

-- What came from nobody: an unknown key or a wrong signature. Bounded, and not in the log: anybody can make such.
create table stray_batch (
  sha256      bytea primary key,                             -- of the line as it came
  beginning   text not null,                                 -- its first characters
  length      integer not null,
  rule        text not null,
  facts       jsonb not null,
  received_us bigint not null
);

do $$
declare name text;
begin
  foreach name in array array['gateway', 'gateway_key', 'gateway_key_revocation', 'gateway_meters', 'batch_loss',
    'live_closing', 'batch', 'batch_release', 'batch_receipt', 'stray_batch'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;

-- A chain only moves forward.
create function refuse_chain_back() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.key_no = old.key_no and new.next_sequence >= old.next_sequence then
    return new;
  end if;
  raise exception 'a chain only moves forward: key %', old.key_no using errcode = 'restrict_violation';
end $$;
create trigger chain_moves_forward before update or delete on batch_chain
  for each row execute function refuse_chain_back();
