-- Questions as of any instant, and the sums that the public pages of a registry show.

-- 1. As of any instant -------------------------------------------------------------------------------------------

-- By the time of recording: up to which entry had the journal come? (An act takes its time before it takes its number,
-- so of entries written side by side the times may lie a little out of order; see entry_by.)
create index journal_recorded on journal (recorded_at);
-- What one account received and gave away, in the order of the journal.
create index movement_received on movement (target_account, entry_no);
create index movement_given on movement (source_account, entry_no);
-- The issuances of a project.
create index block_origin_projects on block_origin using gin (projects);
-- Retirements and cancellations of a registry, latest first: they are few among the movements, and each is published.
create index movement_used on movement (registry_id, entry_no) where kind in ('retire', 'cancel', 'reversal');

-- The last entry that was recorded at an instant or before: the highest number among the ten thousand entries whose
-- times come last. All entries up to it are the book as it stood then.
create function entry_by(instant timestamptz) returns bigint language sql stable as $$
  select coalesce(max(entry_no), 0) from (
    select entry_no from journal where recorded_at <= instant order by recorded_at desc limit 10000) latest
$$;

-- 2. Sums: what each account holds, and what a registry did in each year ------------------------------------------

-- They follow from the movements, are kept in the transaction of the entry, and are compared by the audit.
create table account_sum (
  account_id text primary key,
  quantity   bigint not null check (quantity >= 0)           -- nobody gives more than he got
) with (fillfactor = 50);
create table registry_year (
  registry_id  text not null,
  year         integer not null,                             -- calendar year of the day of the entry
  kind         text not null,
  transactions bigint not null,                              -- entries: one act on several blocks is one transaction
  quantity     bigint not null,
  primary key (registry_id, year, kind)
) with (fillfactor = 50);

insert into account_sum
  select account_id, sum(quantity)::bigint from (
    select target_account as account_id, upper(serials) - lower(serials) as quantity from movement
    union all select source_account, lower(serials) - upper(serials) from movement where source_account is not null) m
  group by 1;
insert into registry_year
  select registry_id, extract(year from occurred_on)::int, kind, count(distinct entry_no),
         sum(upper(serials) - lower(serials))::bigint
  from movement group by 1, 2, 3;

-- Every writer holds the head of the journal by now, so none waits for another here.
create function keep_sums() returns trigger language plpgsql as $$
begin
  insert into account_sum
    select target_account, 0 from added
    union select source_account, 0 from added where source_account is not null
    on conflict do nothing;
  update account_sum s set quantity = s.quantity + m.quantity from (
    select account_id, sum(quantity)::bigint as quantity from (
      select target_account as account_id, upper(serials) - lower(serials) as quantity from added
      union all select source_account, lower(serials) - upper(serials) from added where source_account is not null) one
    group by 1) m
    where m.account_id = s.account_id;
  insert into registry_year as y
    select registry_id, extract(year from occurred_on)::int, kind, count(distinct entry_no),
           sum(upper(serials) - lower(serials))::bigint
    from added group by 1, 2, 3
    on conflict (registry_id, year, kind) do update
      set transactions = y.transactions + excluded.transactions, quantity = y.quantity + excluded.quantity;
  return null;
end $$;
create trigger sums_are_kept after insert on movement referencing new table as added
  for each statement execute function keep_sums();
create trigger append_only before delete on account_sum for each row execute function refuse_change();
create trigger append_only before delete on registry_year for each row execute function refuse_change();
create trigger append_only_truncate before truncate on account_sum for each statement execute function refuse_change();
create trigger append_only_truncate before truncate on registry_year for each statement execute function refuse_change();
