{# Rows whose values of `columns`, all of them given, stand together in no row of `to`. #}
{% test combination_exists(model, columns, to) %}
with

bearers as (
    select distinct {{ columns | join(', ') }}
    from {{ model }}
)

select bearers.*
from bearers
left join {{ to }} as known
    on {% for column in columns %}bearers.{{ column }} = known.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
where known.{{ columns[0] }} is null{% for column in columns %} and bearers.{{ column }} is not null{% endfor %}
{% endtest %}
