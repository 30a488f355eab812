-- The life of accounts, and what keeps credits from moving.

-- 1. Holds on serials ------------------------------------------------------------------------------------------------

-- One row for each run of serials of one issuance that a hold names. A hold binds until its release is recorded.
create table block_hold (
  hold_id           text not null,
  origin_id         bigint not null references block_origin,
  series            text not null,
  serials           int8range not null check (not isempty(serials)),
  scope             text not null check (scope in ('all', 'international')),
  ground            text not null check (ground in ('proposal', 'difference', 'order', 'other')),
  reference         text not null,
  placed_on         date not null,
  entry_no          bigint not null references journal,
  released_entry_no bigint references journal,
  check (released_entry_no > entry_no)
);
create unique index block_hold_part on block_hold (hold_id, origin_id, lower(serials));
create index block_hold_in_force on block_hold using gist (origin_id, serials) where released_entry_no is null;
create index block_hold_any on block_hold (entry_no) where released_entry_no is null;

-- 2. What keeps an account from sending or receiving ------------------------------------------------------------------

create table account_bar (
  entry_no        bigint primary key references journal,
  account_id      text not null references account,
  ground          text not null check (ground in ('suspension', 'order', 'closure')),
  sends           boolean not null,
  receives        boolean not null check (sends or receives),
  since           date not null,
  until           date check (until >= since),               -- the last day; null: no end stated
  reference       text not null,                             -- the order, or the reason
  lifted_on       date check (lifted_on >= since),
  lifted_entry_no bigint references journal,
  check ((lifted_on is null) = (lifted_entry_no is null)),
  check (ground <> 'closure' or (sends and receives and until is null and lifted_on is null))
);
create unique index account_suspended_once on account_bar (account_id) where ground = 'suspension' and lifted_on is null;
create unique index account_order_once on account_bar (account_id, reference) where ground = 'order';
create unique index account_closed_once on account_bar (account_id) where ground = 'closure';
create index account_bar_account on account_bar (account_id);

-- What was placed ends once, by a later entry, and is never taken away or changed.
create function refuse_other_than_release() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.released_entry_no is null and new.released_entry_no is not null
     and to_jsonb(new) - 'released_entry_no' = to_jsonb(old) - 'released_entry_no' then
    return new;
  end if;
  raise exception 'a hold is placed, and released once: % on %', tg_op, old.hold_id using errcode = 'restrict_violation';
end $$;
create trigger hold_is_released_once before update or delete on block_hold
  for each row execute function refuse_other_than_release();

create function refuse_other_than_lifting() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.lifted_entry_no is null and new.lifted_entry_no > old.entry_no
     and to_jsonb(new) - '{lifted_on,lifted_entry_no}'::text[] = to_jsonb(old) - '{lifted_on,lifted_entry_no}'::text[] then
    return new;
  end if;
  raise exception 'a bar is lifted once: % on %', tg_op, old.account_id using errcode = 'restrict_violation';
end $$;
create trigger bar_is_lifted_once before update or delete on account_bar
  for each row execute function refuse_other_than_lifting();

do $$
declare name text;
begin
  foreach name in array array['block_hold', 'account_bar'] loop
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;

-- 3. The second wall -------------------------------------------------------------------------------------------------

-- Movements are written after the head of the journal is locked, so these statements see every hold and every bar of an
-- earlier entry: who read before another wrote is refused here, looks again, and is then refused by name.
create function refuse_barred() returns trigger language plpgsql as $$
declare
  wrong record;
begin
  if exists (select from block_hold where released_entry_no is null) then
    select n.serials, h.hold_id into wrong from added n join block_hold h
        on h.origin_id = n.origin_id and h.serials && n.serials and h.released_entry_no is null
      where n.kind <> 'issue' and (h.scope = 'all' or n.kind = 'international_transfer') limit 1;
    if found then
      raise exception 'held back by %: %', wrong.hold_id, wrong.serials
        using errcode = 'restrict_violation', constraint = 'not_held_back';
    end if;
  end if;
  if exists (select from account_bar) then
    select b.account_id, b.ground into wrong from account_bar b join added n
        on (b.sends and b.account_id = n.source_account) or (b.receives and b.account_id = n.target_account)
      where (b.until is null or n.occurred_on <= b.until)
        and (b.lifted_on is null or (b.since <= n.occurred_on and n.occurred_on < b.lifted_on)) limit 1;
    if found then
      raise exception 'account % (%)', wrong.account_id, wrong.ground
        using errcode = 'restrict_violation', constraint = 'account_may_send_or_receive';
    end if;
  end if;
  return null;
end $$;
create trigger nothing_barred_moves after insert on movement referencing new table as added
  for each statement execute function refuse_barred();

-- A closed account holds nothing.
create function check_closure() returns trigger language plpgsql as $$
begin
  if new.ground = 'closure' and exists (select from holding where account_id = new.account_id) then
    raise exception 'account % still holds credits', new.account_id
      using errcode = 'restrict_violation', constraint = 'closed_account_holds_nothing';
  end if;
  return null;
end $$;
create trigger closed_account_holds_nothing after insert on account_bar for each row execute function check_closure();
