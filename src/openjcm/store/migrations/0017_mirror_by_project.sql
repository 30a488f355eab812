-- What a partner told of a project's credits is asked for by the beginning of their series (side and projects).
create index mirror_by_series on mirror_holding (partner, (series collate "C"));
