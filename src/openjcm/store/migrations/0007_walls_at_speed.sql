-- The walls of 0007 asked once for all movements of a statement that are alike, so that holds, bars and controls cost
-- little to those who have nothing to do with them.

create or replace function refuse_barred() returns trigger language plpgsql set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  wrong record;
begin
  if exists (select from block_hold where released_entry_no is null) then
    -- Only where the span of an issuance's movements meets a hold is each of them looked at.
    select n.serials, h.hold_id into wrong
      from (select origin_id, int8range(min(lower(serials)), max(upper(serials))) as span from added
            where kind <> 'issue' group by origin_id) o
      cross join lateral (select * from block_hold b where b.origin_id = o.origin_id and b.serials && o.span
        and b.released_entry_no is null) h
      join added n on n.origin_id = o.origin_id and n.serials && h.serials
      where n.kind <> 'issue' and (h.scope = 'all' or n.kind = 'international_transfer') limit 1;
    if found then
      raise exception 'held back by %: %', wrong.hold_id, wrong.serials
        using errcode = 'restrict_violation', constraint = 'not_held_back';
    end if;
  end if;
  if exists (select from account_bar) then
    select b.account_id, b.ground into wrong
      from (select distinct source_account as account_id, true as sends, occurred_on from added
            union all select distinct target_account, false, occurred_on from added) n
      cross join lateral (select * from account_bar a where a.account_id = n.account_id
        and case when n.sends then a.sends else a.receives end) b
      where (b.until is null or n.occurred_on <= b.until)
        and (b.lifted_on is null or (b.since <= n.occurred_on and n.occurred_on < b.lifted_on)) limit 1;
    if found then
      raise exception 'account % (%)', wrong.account_id, wrong.ground
        using errcode = 'restrict_violation', constraint = 'account_may_send_or_receive';
    end if;
  end if;
  return null;
end $$;
