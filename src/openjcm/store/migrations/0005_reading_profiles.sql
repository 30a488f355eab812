-- A confirmed mapping of a logger's files under a name: one row per version, never changed. A new version supersedes the
-- one before it; what was read with an older one stays read with it.
create table reading_profile (
  name           text not null,
  version        integer not null check (version >= 1),
  fingerprint    text not null,                               -- format and names of the columns it is offered for
  profile_sha256 text not null references product,
  confirmed_on   date not null,
  entry_no       bigint not null references journal,
  primary key (name, version)
);
create index reading_profile_fingerprint on reading_profile (fingerprint);

create trigger append_only before update or delete on reading_profile for each row execute function refuse_change();
create trigger append_only_truncate before truncate on reading_profile for each statement execute function refuse_change();
