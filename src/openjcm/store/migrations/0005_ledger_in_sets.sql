-- The ledger's promises kept for whole sets of rows at once, so that a thousand transfers in one transaction cost little
-- more than one. What was promised row by row (0002) is promised by the same words per statement.

-- 1. Where a movement took its block from ------------------------------------------------------------------------

-- The entry that had brought the block to the source account; with it the history of a serial is a walk over keys.
alter table movement add column from_entry_no bigint;
alter table movement disable trigger append_only;
update movement m set from_entry_no =
  (select max(p.entry_no) from movement p
   where p.series = m.series and p.serials @> m.serials and p.entry_no < m.entry_no)
  where m.kind <> 'issue';
alter table movement enable trigger append_only;
alter table movement add check ((kind = 'issue') = (from_entry_no is null));

drop index movement_block;
drop index movement_entry;
create unique index movement_of_entry on movement (entry_no, origin_id, lower(serials));
create index movement_origin on movement (origin_id, entry_no);

-- 2. Holdings: a b-tree over their beginnings instead of an exclusion constraint ---------------------------------

alter table holding drop constraint holding_series_serials_excl;
create unique index holding_begins_once on holding (origin_id, lower(serials));
drop trigger holding_is_of_its_origin on holding;
drop trigger sinks_never_release on holding;
drop function check_holding(), refuse_release();

-- No serial has two holders: each new holding ends before the next one begins and begins after the one before has
-- ended. Writers to one issuance wait for each other here, so neither misses what the other wrote; this needs a
-- statement that sees what was committed while it waited, and so isolation READ COMMITTED.
create function check_holdings() returns trigger language plpgsql as $$
declare
  wrong record;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'holdings are written in READ COMMITTED' using errcode = 'restrict_violation';
  end if;
  perform from block_origin where origin_id in (select origin_id from added) order by series, lower(serials)
    for no key update;
  select n.series, n.serials into wrong from added n
    left join block_origin o on o.origin_id = n.origin_id
    left join account a on a.account_id = n.account_id
    left join lateral (select upper(b.serials) as ends from holding b
      where b.origin_id = n.origin_id and lower(b.serials) < lower(n.serials)
      order by lower(b.serials) desc limit 1) before on true
    left join lateral (select lower(f.serials) as begins from holding f
      where f.origin_id = n.origin_id and lower(f.serials) > lower(n.serials)
      order by lower(f.serials) limit 1) after on true
    where o.series is distinct from n.series or not n.serials <@ o.serials
      or a.registry_id is distinct from o.registry_id
      or before.ends > lower(n.serials) or after.begins < upper(n.serials)
    limit 1;
  if found then
    raise exception 'a serial has one holder, in the registry of its origin: % %', wrong.series, wrong.serials
      using errcode = 'restrict_violation', constraint = 'every_credit_has_one_holder';
  end if;
  return null;
end $$;
create trigger every_credit_has_one_holder after insert on holding referencing new table as added
  for each statement execute function check_holdings();

-- A holding is taken away and put anew, never changed; a retirement or cancellation account never releases.
create function refuse_release() returns trigger language plpgsql as $$
declare
  wrong text;
begin
  select g.account_id into wrong from gone g join account a using (account_id)
    where a.account_type in ('retirement', 'cancellation') limit 1;
  if found then
    raise exception 'sink: account % never releases', wrong using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger sinks_never_release after delete on holding referencing old table as gone
  for each statement execute function refuse_release();
create trigger holdings_are_put_anew before update on holding for each row execute function refuse_change();

-- 3. Movements ---------------------------------------------------------------------------------------------------

drop trigger movement_is_lawful on movement;
drop function check_movement();
-- Their rows only grow, so what these keys promised is promised by the joins below, once per statement.
alter table movement drop constraint movement_registry_id_fkey, drop constraint movement_origin_id_fkey,
  drop constraint movement_source_account_fkey, drop constraint movement_target_account_fkey;
alter table holding drop constraint holding_account_id_fkey, drop constraint holding_origin_id_fkey;

create function check_movements() returns trigger language plpgsql as $$
declare
  wrong record;
begin
  select n.serials, case
      when o.origin_id is null or t.account_id is null or (n.source_account is not null and s.account_id is null)
        then 'an account or an issuance is not on record'
      when n.series <> o.series or not n.serials <@ o.serials then 'these serials were not issued so'
      when s.account_type in ('retirement', 'cancellation') then 'sink: the account never releases'
      when n.registry_id <> o.registry_id or t.registry_id <> o.registry_id
        or s.registry_id <> o.registry_id then 'credits stay in their registry'
      when (n.kind = 'retire') <> (t.account_type = 'retirement')
        or (n.kind = 'cancel') <> (t.account_type = 'cancellation') then 'the account is not for this'
      when n.occurred_on < o.issued_on then 'moved before it was issued'
      end as reason into wrong
    from added n left join block_origin o using (origin_id)
    left join account s on s.account_id = n.source_account left join account t on t.account_id = n.target_account
    where o.origin_id is null or t.account_id is null or (n.source_account is not null and s.account_id is null)
      or n.series <> o.series or not n.serials <@ o.serials or s.account_type in ('retirement', 'cancellation')
      or n.registry_id <> o.registry_id or t.registry_id <> o.registry_id or s.registry_id <> o.registry_id
      or (n.kind = 'retire') <> (t.account_type = 'retirement')
      or (n.kind = 'cancel') <> (t.account_type = 'cancellation') or n.occurred_on < o.issued_on
    limit 1;
  if found then
    raise exception '%: %', wrong.reason, wrong.serials using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger movements_are_lawful after insert on movement referencing new table as added
  for each statement execute function check_movements();

-- 4. The life of a serial, as a walk over keys from where it is now back to its issuance --------------------------

create function holding_of(asked_series text, number bigint) returns setof holding language sql stable as $$
  select h.* from block_origin o cross join lateral (
    select * from holding b where b.origin_id = o.origin_id and lower(b.serials) <= number
    order by lower(b.serials) desc limit 1) h
  where o.series = asked_series and o.serials @> number and upper(h.serials) > number
$$;

create function life_of(asked_series text, number bigint) returns setof movement language sql stable as $$
  with recursive life as (
    select m.* from holding_of(asked_series, number) h join movement m
      on m.entry_no = h.since_entry_no and m.origin_id = h.origin_id
        and lower(m.serials) <= number and upper(m.serials) > number
    union all
    select m.* from life l join movement m
      on m.entry_no = l.from_entry_no and m.origin_id = l.origin_id
        and lower(m.serials) <= number and upper(m.serials) > number)
  select * from life
$$;

-- 5. The head grows by as many entries as a transaction writes; each has a leaf of its own at least ----------------

create or replace function refuse_shrinking() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.entry_no > old.entry_no
     and new.tree_size - old.tree_size >= new.entry_no - old.entry_no then
    return new;
  end if;
  raise exception 'the journal only grows' using errcode = 'restrict_violation';
end $$;
