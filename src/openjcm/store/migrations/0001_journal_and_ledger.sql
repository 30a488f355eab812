-- The journal, the log, the ledger and what the acts record. Written to the feature set of PostgreSQL 15.
-- Forward only: a migration that has landed is never edited (its checksum is kept), the next one is added beside it.

create extension if not exists btree_gist;

-- 1. The journal: one row per act, in order, for ever -----------------------------------------------------------

create table journal (
  entry_no        bigint primary key check (entry_no > 0),   -- 1, 2, 3 … without gaps: given under the head's lock
  act             text not null,
  idempotency_key text not null unique,
  request         jsonb not null,
  request_sha256  text not null check (request_sha256 ~ '^[0-9a-f]{64}$'),
  outcome         jsonb not null,
  occurred_on     date not null,                             -- the day the act says it happened; rules use this day
  recorded_at     timestamptz not null,                      -- when it was written here
  actor           text not null
);

-- Frozen products (monitoring plan, report, opinion, decision, authorization …): canonical JSON, named by its hash.
create table product (
  sha256   text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  kind     text not null,
  body     bytea not null,
  entry_no bigint not null references journal
);

-- Bytes kept by SHA-256 in the file store; the row says what they are. Bytes come before the row, so that a row
-- never points to nothing.
create table stored_file (
  sha256     text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  size_bytes bigint not null check (size_bytes >= 0),
  media_type text not null,
  name       text not null,
  is_public  boolean not null default false,
  entry_no   bigint not null references journal
);

-- 2. The transparency log ---------------------------------------------------------------------------------------

-- One leaf per journal entry (kind 'entry') and per product or file (kind 'product'), written with the journal row.
create table log_leaf (
  leaf_index bigint primary key check (leaf_index >= 0),
  kind       text not null check (kind in ('entry', 'product')),
  body       bytea not null,                                 -- canonical JSON; leaf hash = SHA-256(0x00 || body)
  leaf_hash  bytea not null check (octet_length(leaf_hash) = 32),
  entry_no   bigint not null references journal
);
create index log_leaf_entry on log_leaf (entry_no);

-- Hashes of complete subtrees (RFC 6962): level 0 stands in log_leaf, level n at index i covers leaves [i*2^n, (i+1)*2^n).
create table log_node (
  level      smallint not null check (level > 0),
  node_index bigint not null check (node_index >= 0),
  hash       bytea not null check (octet_length(hash) = 32),
  primary key (level, node_index)
);

create table checkpoint (
  tree_size bigint primary key check (tree_size > 0),
  root_hash bytea not null check (octet_length(root_hash) = 32),
  note      text not null,                                   -- C2SP signed note
  signed_at timestamptz not null
);

-- The single row that orders all writers: it is locked last and briefly.
create table log_head (
  only_row   boolean primary key default true check (only_row),
  entry_no   bigint not null default 0,
  tree_size  bigint not null default 0
);
insert into log_head default values;

-- 3. Projects and what sources say --------------------------------------------------------------------------------

create table project (
  reference     text primary key,                            -- MN004, XD001
  world         text not null check (world in ('public', 'demonstration')),
  host_party    text not null check (host_party ~ '^[A-Z]{3}$'),
  title         text not null,
  status        text not null,
  registered_on date,
  methodologies jsonb not null,                              -- [{"id": "MN_AM003", "version": "02.0"}]
  plan_sha256   text references product,                     -- monitoring plan, if we hold one
  crediting_period daterange,                                -- null: not known
  entry_no      bigint not null references journal
);

-- What a source says of one field of one subject. Several rows for one field are a conflict, kept and shown.
create table statement (
  statement_id bigint generated always as identity primary key,
  subject_kind text not null check (subject_kind in ('project', 'adoption', 'issuance', 'itmo_transfer', 'mechanism')),
  subject      text not null,
  field        text not null,
  value        jsonb not null,                               -- JSON null: the source is silent, the value is unknown
  source       text not null,
  grade        text not null check (grade in ('read', 'secondary', 'recalled', 'inferred', 'unknown')),
  note         text not null default '',
  entry_no     bigint not null references journal
);
create index statement_subject on statement (subject_kind, subject, field);

-- 4. Monitoring, verification, decision ---------------------------------------------------------------------------

create table monitoring_report (
  report_sha256     text primary key references product,
  project           text not null references project,
  monitoring_period daterange not null check (not isempty(monitoring_period)),
  emission_reductions bigint not null,                       -- whole tonnes after the rounding rule, all years
  entry_no          bigint not null references journal,
  exclude using gist (project with =, monitoring_period with &&)
);

create table verification (
  report_sha256  text primary key references monitoring_report,
  opinion        text not null check (opinion in ('positive', 'negative')),
  opinion_sha256 text not null references product,
  concluded_on   date not null,
  entry_no       bigint not null references journal
);

create table issuance_decision (
  decision_id       text primary key,                        -- e.g. MN004-2025-03-27
  world             text not null check (world in ('public', 'demonstration')),
  projects          text[] not null check (cardinality(projects) > 0),
  monitoring_period daterange,                               -- null: not known
  decided_on        date not null,
  total             bigint check (total >= 0),               -- null: not known (public record only)
  report_sha256     text unique references verification,
  decision_sha256   text not null references product,
  entry_no          bigint not null references journal
);

create table side_issuance (
  decision_id text not null references issuance_decision,
  side        text not null check (side ~ '^[A-Z]{3}$'),
  notified    bigint check (notified >= 0),                  -- null: not known
  state       text not null check (state in ('notified', 'issued', 'not_applicable')),
  issued_on   date,
  entry_no    bigint not null references journal,            -- of the act that last changed the state
  primary key (decision_id, side),
  check ((state = 'issued') = (issued_on is not null)),
  check (state <> 'issued' or notified > 0),
  check (state <> 'not_applicable' or notified = 0)
);

-- The decided integers per account and vintage. They are taken as decided and never recomputed.
create table side_issuance_share (
  decision_id text not null,
  side        text not null,
  account_id  text not null,
  vintage     text not null,
  quantity    bigint not null check (quantity > 0),
  primary key (decision_id, side, account_id, vintage),
  foreign key (decision_id, side) references side_issuance
);

-- 5. The registries -----------------------------------------------------------------------------------------------

create table registry (
  registry_id text primary key,                              -- JPN, MNG, JPN-demonstration, MNG-demonstration
  party       text not null check (party ~ '^[A-Z]{3}$'),
  world       text not null check (world in ('public', 'demonstration')),
  entry_no    bigint not null references journal,
  unique (party, world)
);

create table account (
  account_id   text primary key,                             -- JPN-0001
  registry_id  text not null references registry,
  account_type text not null check (account_type in
    ('government_holding', 'entity_holding', 'retirement', 'cancellation', 'holder_not_stated')),
  holder       text not null,
  opened_on    date not null,
  entry_no     bigint not null references journal
);

-- One issuance of one side, project and vintage: everything that its serials have in common.
create table block_origin (
  origin_id     bigint generated always as identity primary key,
  series        text not null,                               -- JP-MN004-2017: side, project, vintage
  registry_id   text not null references registry,
  projects      text[] not null,
  vintage       text not null,                               -- 2017, 2021to2022 (split not known), unknown
  serials       int8range not null check (lower(serials) > 0 and not isempty(serials)),
  decision_id   text not null references issuance_decision,
  issued_on     date not null,
  entry_no      bigint not null references journal,
  exclude using gist (series with =, serials with &&)        -- no serial is issued twice
);

-- Who holds which serials now. Kept in the same transaction as the entry; `audit` rebuilds it from the journal.
create table holding (
  series     text not null,
  serials    int8range not null check (lower(serials) > 0 and not isempty(serials)),
  account_id text not null references account,
  origin_id  bigint not null references block_origin,
  since_entry_no bigint not null references journal,
  since      date not null,
  exclude using gist (series with =, serials with &&)        -- no serial has two holders
);
create index holding_account on holding (account_id);

-- One row per block moved: issuance has no source; a transfer is one row, so it cannot be unbalanced.
create table movement (
  movement_id    bigint generated always as identity primary key,
  entry_no       bigint not null references journal,
  kind           text not null check (kind in ('issue', 'transfer', 'retire', 'cancel')),
  registry_id    text not null references registry,
  series         text not null,
  serials        int8range not null check (lower(serials) > 0 and not isempty(serials)),
  origin_id      bigint not null references block_origin,
  source_account text references account,
  target_account text not null references account,
  occurred_on    date not null,
  details        jsonb not null default '{}',                -- retire: {"used_for_year", "purpose"}; cancel: {"purpose", "reason"}
  check ((kind = 'issue') = (source_account is null)),
  check (source_account is distinct from target_account)
);
create index movement_block on movement using gist (series, serials);
create index movement_registry_day on movement (registry_id, occurred_on);
create index movement_entry on movement (entry_no);

-- 6. Article 6 ------------------------------------------------------------------------------------------------------

create table party_authorization (
  party            text not null check (party ~ '^[A-Z]{3}$'),
  authorization_id text not null,
  version          integer not null check (version > 0),
  world            text not null check (world in ('public', 'demonstration')),
  authorized_on    date not null,
  body_sha256      text not null references product,         -- all fields: purposes, vintages, projects, entities …
  entry_no         bigint not null references journal,
  primary key (world, party, authorization_id, version)
);

-- 7. What is written stays written ------------------------------------------------------------------------------

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'append-only: % on % is refused', tg_op, tg_table_name using errcode = 'restrict_violation';
end $$;

do $$
declare name text;
begin
  foreach name in array array['journal', 'product', 'stored_file', 'log_leaf', 'log_node', 'checkpoint', 'statement',
    'monitoring_report', 'verification', 'issuance_decision', 'side_issuance_share', 'registry', 'account',
    'block_origin', 'movement', 'party_authorization'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;

-- A retirement or cancellation account never releases what it received.
create function refuse_release() returns trigger language plpgsql as $$
begin
  if exists (select 1 from account where account_id = old.account_id and account_type in ('retirement', 'cancellation')) then
    raise exception 'sink: account % never releases', old.account_id using errcode = 'restrict_violation';
  end if;
  return coalesce(new, old);
end $$;
create trigger sinks_never_release before update or delete on holding for each row execute function refuse_release();
