"""The small vocabulary in which a mapping says where a contract column's value comes from.

One file of plain data: the exact judge evaluates it record by record, a vectorised reader may compile it.
Documented for users in docs/mappings.md.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Condition(_Node):
    """A test of one export column; exactly one of the comparisons is given."""

    column: str
    equals: str | None = None
    not_equals: str | None = None
    is_in: tuple[str, ...] | None = Field(default=None, alias="in")
    not_in: tuple[str, ...] | None = None
    is_null: bool | None = None

    @model_validator(mode="after")
    def _one_comparison(self) -> "Condition":
        given = [self.equals, self.not_equals, self.is_in, self.not_in, self.is_null]
        if sum(item is not None for item in given) != 1:
            raise ValueError("give exactly one of: equals, not_equals, in, not_in, is_null")
        return self

    def holds(self, value: str | None) -> bool:
        """Whether the (null-resolved) value of `column` passes."""
        if self.is_null is not None:
            return (value is None) == self.is_null
        if self.equals is not None:
            return value == self.equals
        if self.not_equals is not None:
            return value != self.not_equals
        if self.is_in is not None:
            return value in self.is_in
        return value not in (self.not_in or ())


class FromColumn(_Node):
    """One export column, cast to the contract's type."""

    column: str
    format: str | None = None
    """strptime format of a timestamp or date; default ISO 8601."""
    epoch: Literal["s", "ms"] | None = None
    values: dict[str, str] | None = None
    """Export value → contract value; a value that is not listed is a bad value unless `default` is given."""
    default: str | None = None
    multiply: Decimal | None = None
    round: bool = False
    """Accept binary floating-point residues (0.30000000000000004, 4.4e-16) and round to the contract's scale."""


class Constant(_Node):
    """The same value for every record."""

    const: str | int | bool | None


class Concat(_Node):
    """Several parts joined; null if any part is null."""

    concat: tuple["Expression", ...]
    separator: str = ""


class Timestamp(_Node):
    """A timestamp from several columns joined by a blank, e.g. a date and a time of day."""

    timestamp: tuple[str, ...]
    format: str
    not_before: str | None = None
    """Contract column: a clock time that lies more than half a day before it belongs to the next day."""


class Shift(_Node):
    """Date arithmetic: `shift` moved by months, days or seconds (a number or an export column)."""

    shift: "Expression"
    months: int | str | None = None
    days: int | str | None = None
    seconds: int | str | None = None
    back: bool = False

    @model_validator(mode="after")
    def _one_unit(self) -> "Shift":
        if sum(item is not None for item in (self.months, self.days, self.seconds)) != 1:
            raise ValueError("give exactly one of: months, days, seconds")
        return self


class Branch(_Node):
    """`then` is taken when `if` holds."""

    condition: Condition = Field(alias="if")
    then: "Expression"


class When(_Node):
    """The first branch whose condition holds, else `else` (default null)."""

    when: tuple[Branch, ...]
    otherwise: "Expression" = Field(default=Constant(const=None), alias="else")


class RowKey(_Node):
    """A key for exports without one: hash of the columns, plus an ordinal among equal rows of the file."""

    row_key: tuple[str, ...]


_NODES = {
    "column": FromColumn,
    "const": Constant,
    "concat": Concat,
    "timestamp": Timestamp,
    "shift": Shift,
    "when": When,
    "row_key": RowKey,
}


def _from_name(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


def _tag(value: Any) -> str | None:
    if isinstance(value, _Node):
        return next((key for key, node in _NODES.items() if isinstance(value, node)), None)
    return next((key for key in _NODES if isinstance(value, dict) and key in value), None)


Expression = Annotated[
    Annotated[FromColumn, Tag("column")]
    | Annotated[Constant, Tag("const")]
    | Annotated[Concat, Tag("concat")]
    | Annotated[Timestamp, Tag("timestamp")]
    | Annotated[Shift, Tag("shift")]
    | Annotated[When, Tag("when")]
    | Annotated[RowKey, Tag("row_key")],
    Discriminator(_tag),
    BeforeValidator(_from_name),
]

for node_type in (Concat, Shift, Branch, When):
    node_type.model_rebuild()


def columns_used(expression: Expression) -> Iterator[str]:
    """Every export column an expression reads."""
    match expression:
        case FromColumn():
            yield expression.column
        case Concat():
            for part in expression.concat:
                yield from columns_used(part)
        case Timestamp():
            yield from expression.timestamp
        case Shift():
            yield from columns_used(expression.shift)
            amounts = (expression.months, expression.days, expression.seconds)
            yield from (amount for amount in amounts if isinstance(amount, str))
        case When():
            for branch in expression.when:
                yield branch.condition.column
                yield from columns_used(branch.then)
            yield from columns_used(expression.otherwise)
        case RowKey():
            yield from expression.row_key
