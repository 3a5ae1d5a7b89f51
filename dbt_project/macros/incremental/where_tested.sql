{#
    What a data test looks at: of a table kept by key, the rows of keys changed since the last published build; all rows when
    there is none, when the table was made in full since, and of every other table. (Overrides dbt's macro of this name.)
#}
{% macro get_where_subquery(relation) -%}
    {%- set clauses = [] -%}
    {%- if config.get('where') -%}
        {%- do clauses.append('(' ~ config.get('where') ~ ')') -%}
    {%- endif -%}
    {%- set node = graph.nodes.get('model.touchline.' ~ relation.identifier) if execute else none -%}
    {%- if node and node.config.materialized == 'by_key' -%}
        {%- do clauses.append(_changed_since_publication(relation, node)) -%}
    {%- endif -%}
    {%- set conditions = clauses | select | join(' and ') -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ conditions ~ ') as tested' if conditions else relation) }}
{%- endmacro %}

{#
    The same for a test that joins tables kept by one key: rows of the keys that changed in any of them, all rows when one
    of them was made in full.
#}
{% macro where_changed_since_publication(relations) -%}
    {%- set parts = [] -%}
    {%- for relation in relations if execute -%}
        {%- set node = graph.nodes['model.touchline.' ~ relation.identifier] -%}
        {%- do parts.append(_keys_since_publication(relation, node)) -%}
    {%- endfor -%}
    {%- if parts and '' not in parts -%}
    where {{ graph.nodes['model.touchline.' ~ relations[0].identifier].config.key }} in ({{ parts | join(' union ') }})
    {%- endif -%}
{%- endmacro %}

{% macro _changed_since_publication(relation, node) -%}
    {%- set keys = _keys_since_publication(relation, node) -%}
    {{ return(node.config.key ~ ' in (' ~ keys ~ ')' if keys else '') }}
{%- endmacro %}

{# A query for the keys that a table logged since the last published build; empty when there is none or it was made in full. #}
{% macro _keys_since_publication(relation, node) -%}
    {%- set found = run_query(
        "select (select max(build_id) from ops.builds where state = 'published') as published, "
        ~ label_of(kept_relation(relation)) ~ ' as label'
    ).rows[0] -%}
    {%- set published = found['published'] -%}
    {%- set state = state_in(found['label']) -%}
    {%- set keys -%}
        select cast(log.key as {{ node.config.get('key_type', 'text') }})
        from changes.changed_keys as log
        where log.model = '{{ node.name }}' and log.column_name = '{{ node.config.key }}' and log.build_id > {{ published }}
    {%- endset -%}
    {{ return(keys if published is not none and state is not none and state.full <= published else '') }}
{%- endmacro %}
