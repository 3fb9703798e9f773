"""PURE. Who may do what in a workspace."""

from enum import StrEnum


class Role(StrEnum):
    """A person's place in one workspace, strongest first."""

    OWNER = "owner"
    ADMIN = "admin"
    STAFF = "staff"
    VIEWER = "viewer"


class Ability(StrEnum):
    """What a page or an action asks of the person who opens it."""

    VIEW = "view"
    EDIT_RECORDS = "edit_records"
    MANAGE_CAMPAIGNS = "manage_campaigns"
    MANAGE_CONNECTIONS = "manage_connections"
    SEE_NAMES = "see_names"  # whole names of customers
    SEE_CONTACTS = "see_contacts"  # whole phone numbers everywhere, and exports
    REVEAL_CONTACTS = "reveal_contacts"  # one person's, on asking; it is written down
    MANAGE_CUSTOMERS = "manage_customers"  # merge, erase, do-not-send


_ABILITIES: dict[Role, frozenset[Ability]] = {
    Role.OWNER: frozenset(Ability),
    Role.ADMIN: frozenset(Ability),
    Role.STAFF: frozenset({Ability.VIEW, Ability.EDIT_RECORDS, Ability.SEE_NAMES, Ability.REVEAL_CONTACTS}),
    Role.VIEWER: frozenset({Ability.VIEW}),
}


def may(role: str, ability: Ability) -> bool:
    """Whether a member with this role has this ability."""
    return ability in _ABILITIES[Role(role)]
