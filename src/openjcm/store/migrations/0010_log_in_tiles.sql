-- The log's tree as tiles of 256 hashes (C2SP tlog-tiles) instead of a row for each node, and the rest of what an
-- addition needs in the head row. Appending n leaves writes n leaves and n/255 rows of tiles.

-- A full tile: hash i of tile n of level l is that of the complete subtree over 256^l leaves at index 256 n + i. Tiles
-- that are not full have no row: their hashes are the roots of the full tiles, or the hashes of the leaves, below.
create table log_tile (
  level      smallint not null check (level between 0 and 7),
  tile_index bigint not null check (tile_index >= 0),
  root       bytea not null check (octet_length(root) = 32),
  hashes     bytea not null check (octet_length(hashes) = 8192),
  primary key (level, tile_index)
);
alter table log_tile alter column hashes set storage external;  -- hashes cannot be compressed

insert into log_tile (level, tile_index, root, hashes)
  select h.level, h.node_index / 256, r.hash, string_agg(h.hash, ''::bytea order by h.node_index)
  from (select 0 as level, leaf_index as node_index, leaf_hash as hash from log_leaf
        union all select level / 8, node_index, hash from log_node where level % 8 = 0) h
  join log_node r on r.level = 8 * (h.level + 1) and r.node_index = h.node_index / 256
  group by h.level, h.node_index / 256, r.hash;

-- The hashes of the largest complete subtrees, from the left: with them the next leaves are added, nothing else is read.
alter table log_head add column peaks bytea not null default '';
alter table log_head disable trigger head_only_grows;
update log_head h set peaks = coalesce((
  select string_agg(coalesce(n.hash, l.leaf_hash), ''::bytea order by place.level desc)
  from (select level, (h.tree_size >> level) - 1 as node_index from generate_series(0, 62) as level
        where (h.tree_size >> level) & 1 = 1) place
  left join log_node n on n.level = place.level and n.node_index = place.node_index
  left join log_leaf l on place.level = 0 and l.leaf_index = place.node_index), '');
alter table log_head enable trigger head_only_grows;

drop table log_node;

-- The hash of a leaf is that of its body: it is worked out, not kept a second time.
alter table log_leaf drop column leaf_hash;

-- Every leaf belongs to an entry, promised once per statement instead of once per row.
alter table log_leaf drop constraint log_leaf_entry_no_fkey;
create function check_leaves() returns trigger language plpgsql as $$
begin
  if exists (select from added n left join journal j using (entry_no) where j.entry_no is null) then
    raise exception 'a leaf belongs to an entry of the journal' using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger leaves_belong_to_entries after insert on log_leaf referencing new table as added
  for each statement execute function check_leaves();

create trigger append_only before update or delete on log_tile for each row execute function refuse_change();
create trigger append_only_truncate before truncate on log_tile for each statement execute function refuse_change();
