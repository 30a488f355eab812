-- The database promises again what the pure ledger promises, for whoever writes past it.

-- A side's amount is decided once; its state moves only from notified to issued.
create function refuse_side_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.state = 'notified' and new.state = 'issued'
     and (new.decision_id, new.side, new.notified) is not distinct from (old.decision_id, old.side, old.notified) then
    return new;
  end if;
  raise exception 'a side is issued once, with the amount decided: % on %', tg_op, old.side
    using errcode = 'restrict_violation';
end $$;
create trigger side_is_issued_once before update or delete on side_issuance
  for each row execute function refuse_side_change();

-- A side does not issue more than it was notified of, nor before the decision.
create function check_origin() returns trigger language plpgsql as $$
declare
  limits record;
begin
  select s.notified, d.decided_on, coalesce((select sum(upper(o.serials) - lower(o.serials)) from block_origin o
      where o.decision_id = new.decision_id and o.registry_id = new.registry_id), 0) as issued
    into limits
    from issuance_decision d join side_issuance s using (decision_id) join registry r on r.party = s.side
    where d.decision_id = new.decision_id and r.registry_id = new.registry_id and r.world = d.world;
  if limits is null or limits.notified is null
     or limits.issued + upper(new.serials) - lower(new.serials) > limits.notified then
    raise exception 'more than notified: % % by %', new.series, new.serials, new.decision_id
      using errcode = 'restrict_violation';
  end if;
  if new.issued_on < limits.decided_on then
    raise exception 'issued before the decision: %', new.decision_id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger not_more_than_notified before insert on block_origin for each row execute function check_origin();

-- A movement starts in no sink, stays in the registry of its origin, and ends in an account that is for it.
create function check_movement() returns trigger language plpgsql as $$
declare
  origin block_origin;
  source account;
  target account;
begin
  select * into origin from block_origin where origin_id = new.origin_id;
  select * into source from account where account_id = new.source_account;
  select * into target from account where account_id = new.target_account;
  if new.series <> origin.series or not new.serials <@ origin.serials then
    raise exception 'serials % were not issued as %', new.serials, origin.serials using errcode = 'restrict_violation';
  end if;
  if source.account_type in ('retirement', 'cancellation') then
    raise exception 'sink: account % never releases', source.account_id using errcode = 'restrict_violation';
  end if;
  if target.registry_id <> origin.registry_id or new.registry_id <> origin.registry_id
     or source.registry_id <> origin.registry_id then
    raise exception 'credits of % stay in it', origin.registry_id using errcode = 'restrict_violation';
  end if;
  if (new.kind = 'retire') <> (target.account_type = 'retirement')
     or (new.kind = 'cancel') <> (target.account_type = 'cancellation') then
    raise exception 'account % is not for %', target.account_id, new.kind using errcode = 'restrict_violation';
  end if;
  if new.occurred_on < origin.issued_on then
    raise exception 'moved before it was issued: %', new.serials using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger movement_is_lawful before insert on movement for each row execute function check_movement();

-- A holding lies in its origin and in its origin's registry.
create function check_holding() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from block_origin o join account a on a.account_id = new.account_id
                 where o.origin_id = new.origin_id and o.series = new.series and new.serials <@ o.serials
                   and a.registry_id = o.registry_id) then
    raise exception 'no such credits in this registry: % %', new.series, new.serials
      using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
create trigger holding_is_of_its_origin before insert or update on holding
  for each row execute function check_holding();

-- The head only grows.
create function refuse_shrinking() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.entry_no = old.entry_no + 1 and new.tree_size > old.tree_size then
    return new;
  end if;
  raise exception 'the journal only grows' using errcode = 'restrict_violation';
end $$;
create trigger head_only_grows before update or delete on log_head for each row execute function refuse_shrinking();

do $$
declare name text;
begin
  foreach name in array array['holding', 'side_issuance', 'log_head', 'project'] loop
    execute format('create trigger append_only_truncate before truncate on %I for each statement execute function refuse_change()', name);
  end loop;
end $$;
create trigger append_only before delete on project for each row execute function refuse_change();
