-- Persons by hand, for a schema that holds `edges (a, b)`: every link in both directions, every node beside itself.
-- Every node takes the least name among its neighbours until none does. No guards against shared identifiers.
create procedure name_persons() language plpgsql as $$
declare changed bigint := 1;
begin
    create index on edges (a);
    create table persons as
    select a as node, least(a, min(b)) as person from edges group by a;
    create unique index on persons (node);
    analyze edges;
    analyze persons;
    while changed > 0 loop
        update persons set person = nearer.person
        from (
            select edges.a as node, min(beside.person) as person
            from edges inner join persons as beside on edges.b = beside.node
            group by edges.a
        ) as nearer
        where persons.node = nearer.node and nearer.person < persons.person;
        get diagnostics changed = row_count;
    end loop;
end
$$;
