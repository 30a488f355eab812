-- Applications for accounts, their review, changes of particulars, and trust property.

create table account_application (
  application_id text not null,
  version        integer not null check (version > 0),       -- 2, 3 … after a return for correction
  registry_id    text not null references registry,
  account_type   text not null check (account_type in ('entity_holding', 'government_holding')),
  holder_kind    text not null check (holder_kind in
    ('domestic_corporation', 'foreign_corporation', 'government', 'natural_person')),
  particulars    jsonb not null,                             -- the statutory items; in the journal, not in the log
  documents      jsonb not null check (jsonb_array_length(documents) > 0),  -- [{"name", "sha256"}]
  project        text references project,                    -- of a natural person
  applicant      text not null,
  applied_on     date not null,
  entry_no       bigint not null unique references journal,
  primary key (application_id, version)
);
create index account_application_registry on account_application (registry_id, entry_no);

create table account_review (
  application_id text not null,
  version        integer not null,
  verdict        text not null check (verdict in ('accept', 'refuse', 'return')),
  reviewer       text not null,
  reason         text not null,
  account_id     text unique references account,             -- of an acceptance
  reviewed_on    date not null,
  entry_no       bigint not null unique references journal,
  primary key (application_id, version),
  foreign key (application_id, version) references account_application,
  check ((verdict = 'accept') = (account_id is not null))
);

create table account_change (
  entry_no    bigint primary key references journal,
  account_id  text not null references account,
  holder      text not null,
  particulars jsonb not null,
  documents   jsonb not null check (jsonb_array_length(documents) > 0),
  since       date not null
);
create index account_change_of on account_change (account_id, entry_no);

-- That credits are trust property, and the end of it.
create table trust_record (
  trust_id        text primary key,
  account_id      text not null references account,
  blocks          text[] not null check (cardinality(blocks) > 0),
  document_sha256 text not null,
  since           date not null,
  entry_no        bigint not null unique references journal
);
create index trust_record_account on trust_record (account_id);
create table trust_end (
  trust_id text primary key references trust_record,
  ended_on date not null,
  reason   text not null,
  entry_no bigint not null unique references journal
);

do $$
declare name text;
begin
  foreach name in array array['account_application', 'account_review', 'account_change', 'trust_record', 'trust_end'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;

-- Nobody reviews his own application; a version follows a return; what is decided stays decided.
create function check_review() returns trigger language plpgsql as $$
begin
  if exists (select from account_application where application_id = new.application_id and applicant = new.reviewer) then
    raise exception 'reviewed by its applicant: %', new.application_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger another_reviews before insert on account_review for each row execute function check_review();

create function check_application() returns trigger language plpgsql as $$
begin
  if new.version > 1 and not exists (select from account_review where application_id = new.application_id
                                     and version = new.version - 1 and verdict = 'return') then
    raise exception 'version % of % was not asked for', new.version, new.application_id
      using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger version_follows_a_return before insert on account_application
  for each row execute function check_application();

-- Under which name the holder of an account stands now.
create function holder_of(asked text) returns text language sql stable as $$
  select coalesce((select c.holder from account_change c where c.account_id = asked order by c.entry_no desc limit 1),
                  (select a.holder from account a where a.account_id = asked))
$$;
