-- Storage sites and forests: the phases of a site, what escaped, and how it was made good.

create table storage_phase (
  project  text not null references project,
  phase    text not null check (phase in ('injection', 'closure_preparation', 'post_closure', 'closed')),
  since    date not null,
  source   text not null,
  grade    text not null check (grade in ('read', 'secondary', 'recalled', 'inferred', 'unknown')),
  entry_no bigint not null references journal,
  primary key (project, phase)
);

create table reversal (
  reversal_id     text primary key,
  project         text not null references project,
  phase           text,                                      -- of the site on that day; null: a forest
  tonnes          bigint not null check (tonnes > 0),
  found_on        date not null,
  document_sha256 text not null references stored_file,
  entry_no        bigint not null references journal
);
create index reversal_project on reversal (project);

create table reversal_settlement (
  reversal_id text not null references reversal,
  how         text not null check (how in ('deducted', 'reserve', 'replaced')),
  tonnes      bigint not null check (tonnes > 0),
  entry_no    bigint not null references journal,
  primary key (reversal_id, entry_no)
);

-- Nobody makes good for more than escaped. Writers to one reversal wait for each other.
create function check_settlement() returns trigger language plpgsql as $$
declare
  escaped bigint;
begin
  select tonnes into escaped from reversal where reversal_id = new.reversal_id for no key update;
  if (select sum(tonnes) from reversal_settlement where reversal_id = new.reversal_id) > escaped then
    raise exception 'more than escaped: %', new.reversal_id using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger no_more_than_escaped after insert on reversal_settlement for each row execute function check_settlement();

do $$
declare name text;
begin
  foreach name in array array['storage_phase', 'reversal', 'reversal_settlement'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_change()', name);
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;
