-- What is learned of a meter after its plan was registered: one row per fact, never changed. A correction is a further
-- row that names the fact it puts right; a fact is corrected once.
create table meter_fact (
  project     text not null references project,
  fact_sha256 text not null references product,
  meter       text not null,
  kind        text not null,
  day         date,                                           -- null: a calibration whose day is not stated
  corrects    text check (corrects <> fact_sha256),           -- may be a fact of the plan
  entry_no    bigint not null references journal,
  primary key (project, fact_sha256),
  unique (project, corrects)
);
create index meter_fact_meter on meter_fact (project, meter, entry_no);

create trigger append_only before update or delete on meter_fact for each row execute function refuse_change();
create trigger append_only_truncate before truncate on meter_fact for each statement execute function refuse_change();
