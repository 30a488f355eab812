-- Two doors that stay shut unless a rule, or four people, open them: to another registry, and back from a mistake.

-- 1. Corrections -------------------------------------------------------------------------------------------------

create table correction (
  entry_no        bigint primary key references journal,
  corrects        bigint not null references journal,        -- the mistaken entry
  reason          text not null,
  document_sha256 text not null references stored_file,
  approvals       jsonb not null check (jsonb_array_length(approvals) >= 4),
  check (corrects < entry_no)
);
create trigger append_only before update or delete on correction for each row execute function refuse_change();
create trigger append_only_truncate before truncate on correction for each statement execute function refuse_change();
create index correction_of on correction (corrects);
create index movement_abroad on movement (origin_id) where kind = 'international_transfer';

-- 2. Movements ---------------------------------------------------------------------------------------------------

-- `registry_id` is the registry that gives (of an issuance: that issues). Only an international transfer ends in another
-- one. A correction goes, with its record, back to where the corrected entry took the block from.
create or replace function check_movements() returns trigger language plpgsql set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  newest bigint := (select max(entry_no) from journal);
  wrong record;
begin
  select n.serials, case
      when o.origin_id is null or t.account_id is null or (n.source_account is not null and s.account_id is null)
        then 'an account or an issuance is not on record'
      when n.series <> o.series or not n.serials <@ o.serials then 'these serials were not issued so'
      when s.account_type in ('retirement', 'cancellation') and n.kind <> 'correction' then 'sink: the account never releases'
      when n.registry_id <> coalesce(s.registry_id, o.registry_id)
        or (t.registry_id = n.registry_id) = (n.kind = 'international_transfer') then 'credits stay in their registry'
      when r.kind is null then 'the accounts are not for this'
      when n.occurred_on < o.issued_on then 'moved before it was issued'
      when n.first_entry < 1 or n.last_entry > newest then 'no entry of the journal'
      end as reason into wrong
    from (select origin_id, series, registry_id, kind, source_account, target_account,
            int8range(min(lower(serials)), max(upper(serials))) as serials, min(occurred_on) as occurred_on,
            min(entry_no) as first_entry, max(entry_no) as last_entry
          from added group by origin_id, series, registry_id, kind, source_account, target_account) n
    left join block_origin o using (origin_id)
    left join account s on s.account_id = n.source_account left join account t on t.account_id = n.target_account
    left join movement_rule r on r.kind = n.kind and r.gives = coalesce(s.account_type, '') and r.receives = t.account_type
    where o.origin_id is null or t.account_id is null or (n.source_account is not null and s.account_id is null)
      or n.series <> o.series or not n.serials <@ o.serials
      or (s.account_type in ('retirement', 'cancellation') and n.kind <> 'correction')
      or n.registry_id <> coalesce(s.registry_id, o.registry_id)
      or (t.registry_id = n.registry_id) = (n.kind = 'international_transfer')
      or r.kind is null or n.occurred_on < o.issued_on or n.first_entry < 1 or n.last_entry > newest
    limit 1;
  if not found then
    select n.serials, 'a correction leads back, by its record' as reason into wrong from added n
      where n.kind = 'correction' and not exists (
        select from correction c join movement m on m.entry_no = c.corrects
        where c.entry_no = n.entry_no and c.corrects = n.from_entry_no and m.origin_id = n.origin_id
          and m.serials @> n.serials and m.source_account = n.target_account and m.target_account = n.source_account)
      limit 1;
  end if;
  if found then
    raise exception '%: %', wrong.reason, wrong.serials using errcode = 'restrict_violation';
  end if;
  return null;
end $$;

-- 3. Holdings ----------------------------------------------------------------------------------------------------

-- A retirement or cancellation account releases only what a correction takes back.
create or replace function refuse_release() returns trigger language plpgsql set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  wrong text;
begin
  select g.account_id into wrong from gone g join account a using (account_id)
    where a.account_type in ('retirement', 'cancellation') and not exists (
      select 1 from movement m where m.kind = 'correction' and m.origin_id = g.origin_id
        and m.from_entry_no = g.since_entry_no and m.source_account = g.account_id and m.serials <@ g.serials)
    limit 1;
  if found then
    raise exception 'sink: account % never releases', wrong using errcode = 'restrict_violation';
  end if;
  return null;
end $$;

-- A holding is in the registry of its origin, or in one to which an international transfer led it.
create or replace function check_holdings() returns trigger language plpgsql set enable_seqscan = off
  set enable_hashjoin = off set enable_mergejoin = off as $$
declare
  newest bigint := (select max(entry_no) from journal);
  wrong record;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'holdings are written in READ COMMITTED' using errcode = 'restrict_violation';
  end if;
  perform from block_origin where origin_id in (select distinct origin_id from added) order by series, lower(serials)
    for no key update;
  select n.series, n.serials into wrong
    from (select origin_id, series, account_id, int8range(min(lower(serials)), max(upper(serials))) as serials,
            min(since_entry_no) as first_entry, max(since_entry_no) as last_entry
          from added group by origin_id, series, account_id) n
    left join block_origin o on o.origin_id = n.origin_id
    left join account a on a.account_id = n.account_id
    where o.series is distinct from n.series or not n.serials <@ o.serials
      or (a.registry_id is distinct from o.registry_id and not exists (
        select from movement m join account t on t.account_id = m.target_account
        where m.origin_id = n.origin_id and m.kind = 'international_transfer' and m.serials && n.serials
          and t.registry_id = a.registry_id))
      or n.first_entry < 1 or n.last_entry > newest
    limit 1;
  if not found then
    select n.series, n.serials into wrong from added n
      where (select count(*) filter (where upper(b.serials) > lower(n.serials)) from (
          select h.serials from holding h where h.origin_id = n.origin_id and lower(h.serials) < upper(n.serials)
          order by lower(h.serials) desc limit 2) b) <> 1
      limit 1;
  end if;
  if found then
    raise exception 'a serial has one holder, in the registry of its origin: % %', wrong.series, wrong.serials
      using errcode = 'restrict_violation', constraint = 'every_credit_has_one_holder';
  end if;
  return null;
end $$;
