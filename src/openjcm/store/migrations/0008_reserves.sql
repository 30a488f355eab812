-- Reserve and buffer accounts, and the kinds of movement that go with them. What an account gives and receives by each
-- kind stands in the tables SOURCES and TARGETS of registry/accounts.py and, word for word, in the table below.

alter table account drop constraint account_account_type_check;
alter table account add constraint account_account_type_check check (account_type in
  ('government_holding', 'entity_holding', 'retirement', 'cancellation', 'holder_not_stated', 'reserve', 'buffer'));
alter table movement drop constraint movement_kind_check;
alter table movement add constraint movement_kind_check check (kind in
  ('issue', 'transfer', 'retire', 'cancel', 'reserve', 'release', 'reversal', 'international_transfer', 'correction'));

create table movement_rule (
  kind text not null,
  gives text not null,                                       -- type of the account that gives; '' for an issuance
  receives text not null,
  primary key (kind, gives, receives)
);
with holder (name) as (values ('government_holding'), ('entity_holding'), ('holder_not_stated')),
  kept (name) as (values ('reserve'), ('buffer')),
  any_type (name) as (select name from holder union all select name from kept
                      union all values ('retirement'), ('cancellation'))
insert into movement_rule
  select 'issue', '', name from (select name from holder union all select name from kept) t
  union all select kind, a.name, b.name from (values ('transfer'), ('international_transfer')) k (kind), holder a, holder b
  union all select 'retire', name, 'retirement' from holder
  union all select 'cancel', name, 'cancellation' from holder
  union all select 'reserve', a.name, b.name from holder a, kept b
  union all select 'release', a.name, b.name from kept a, holder b
  union all select 'reversal', name, 'cancellation' from kept
  union all select 'correction', a.name, b.name from any_type a, any_type b
    where b.name not in ('retirement', 'cancellation');
create trigger append_only before update or delete on movement_rule for each row execute function refuse_change();
create trigger append_only_truncate before truncate on movement_rule for each statement execute function refuse_change();

create or replace function check_movements() returns trigger language plpgsql as $$
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
      when r.kind is null then 'the accounts are not for this'
      when n.occurred_on < o.issued_on then 'moved before it was issued'
      end as reason into wrong
    from added n left join block_origin o using (origin_id)
    left join account s on s.account_id = n.source_account left join account t on t.account_id = n.target_account
    left join movement_rule r on r.kind = n.kind and r.gives = coalesce(s.account_type, '') and r.receives = t.account_type
    where o.origin_id is null or t.account_id is null or (n.source_account is not null and s.account_id is null)
      or n.series <> o.series or not n.serials <@ o.serials or s.account_type in ('retirement', 'cancellation')
      or n.registry_id <> o.registry_id or t.registry_id <> o.registry_id or s.registry_id <> o.registry_id
      or r.kind is null or n.occurred_on < o.issued_on
    limit 1;
  if found then
    raise exception '%: %', wrong.reason, wrong.serials using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
