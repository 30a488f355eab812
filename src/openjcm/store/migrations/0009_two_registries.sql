-- Other installations that keep registries, the notices that go to them and come from them, and what they state.

-- 1. Partners ------------------------------------------------------------------------------------------------------

-- Another installation, as it was put on record; the newest version that is not revoked is in force.
create table partner (
  partner     text not null,                                 -- how the other installation names itself in notices
  version     integer not null check (version > 0),
  our_name    text not null,                                 -- how it names this installation
  address     text not null,                                 -- https://… of its pages, or files
  notice_key  text not null,                                 -- Ed25519, base64url
  log_key     text,                                          -- C2SP verifier key of its log; null: not known
  keeps       text[] not null check (cardinality(keeps) > 0),
  valid_since date not null,
  entry_no    bigint not null references journal,
  primary key (partner, version)
);
create table partner_revocation (
  partner  text not null,
  version  integer not null,
  reason   text not null,
  entry_no bigint not null references journal,
  primary key (partner, version),
  foreign key (partner, version) references partner
);
create view partner_in_force as
  select p.* from partner p
  where p.version = (select max(version) from partner n where n.partner = p.partner)
    and not exists (select 1 from partner_revocation r where (r.partner, r.version) = (p.partner, p.version));

-- 2. Outbox and inbox ------------------------------------------------------------------------------------------------

-- What goes to a partner, written with the entry that it reports; signed when it is sent.
create table notice_out (
  partner  text not null,
  sequence bigint not null check (sequence > 0),
  sha256   text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  kind     text not null,
  payload  bytea not null,                                   -- canonical JSON
  entry_no bigint not null references journal,               -- the entry reported
  primary key (partner, sequence)
);
create index notice_out_entry on notice_out (entry_no);

-- What came from a partner; the signed line is the product.
create table notice_in (
  partner     text not null,
  sequence    bigint not null check (sequence > 0),
  sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  kind        text not null,
  occurred_on date not null,                                 -- when it happened there
  sum         bigint not null check (sum >= 0),
  line_sha256 text not null references product,
  entry_no    bigint not null references journal,            -- of the receipt here
  primary key (partner, sequence)
);

-- Notices follow each other without gaps, each once.
create function notices_follow() returns trigger language plpgsql as $$
declare
  before bigint;
begin
  execute format('select coalesce(max(sequence), 0) from %I where partner = $1', tg_table_name)
    into before using new.partner;
  if new.sequence <> before + 1 then
    raise exception 'notice % of % does not follow %', new.sequence, new.partner, before
      using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger notices_follow before insert on notice_out for each row execute function notices_follow();
create trigger notices_follow before insert on notice_in for each row execute function notices_follow();

-- How far a partner has acknowledged, and how the last tries went. No part of the record: it can be lost.
create table notice_delivery (
  partner         text primary key,
  acknowledged    bigint not null default 0,                 -- every notice up to this one is on record there
  attempts        integer not null default 0,                -- failed ones since the last that went well
  next_attempt_at timestamptz,
  delivered_at    timestamptz,
  last_error      text not null default ''
);

-- 3. What a partner states -------------------------------------------------------------------------------------------

create table mirror_holding (
  partner     text not null,
  series      text not null,
  serials     int8range not null check (lower(serials) > 0 and not isempty(serials)),
  registry_id text not null,
  state       text not null,
  issued_on   date,                                          -- null: no notice said when
  since       date not null,
  purpose     text not null
);
create unique index mirror_begins_once on mirror_holding (partner, series, lower(serials));

-- 4. Reconciliation --------------------------------------------------------------------------------------------------

create table reconciliation (
  entry_no         bigint primary key references journal,
  partner          text not null,
  on_day           date,                                     -- null: as it was at the moment
  statement_sha256 text not null,                            -- the partner's statement, in the file store
  report_sha256    text not null references product,
  differences      bigint not null check (differences >= 0), -- that no notice under way explains
  under_way        bigint not null check (under_way >= 0)
);
create index reconciliation_partner on reconciliation (partner, entry_no);

do $$
declare name text;
begin
  foreach name in array array['partner', 'partner_revocation', 'notice_out', 'notice_in', 'reconciliation'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;
