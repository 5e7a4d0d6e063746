"""Fits the document to what there is, so that more requests reach what stands behind the first checks."""

import json
import os
import urllib.error
import urllib.request
from typing import Any

import schemathesis

KEY = os.environ["MUSTER_API_KEY"]
BASE = os.environ["MUSTER_URL"]

# Fields of the type User, as they are written.
FIELDS = {
    "name": {"type": "object", "properties": {"first": {"type": "string"}, "last": {"type": "string"}}, "additionalProperties": False},
    "birthdate": {"type": ["string", "null"], "format": "date"},
    "phone_number": {"type": ["string", "null"], "maxLength": 255},
    "email_address": {"type": ["string", "null"], "maxLength": 255},
}


def get(path: str) -> Any:
    request = urllib.request.Request(BASE + path, headers={"Authorization": f"Bearer {KEY}"})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def create_some_accounts() -> None:
    for _ in range(3):
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{BASE}/accounts", b"{}", headers, method="POST")
        urllib.request.urlopen(request).close()


def may_be_changed(resource: dict[str, Any]) -> bool:
    """Rate limits have no IDs, and the key in use must stay as it is."""
    is_own_key = resource["type"] == "api-key" and resource["attributes"]["name"] == "Demo"
    return "id" in resource and not is_own_key


def known_ids(paths: dict[str, Any]) -> dict[str, list[str]]:
    """IDs of what there is, by the names that paths give them: `account-id`."""
    ids: dict[str, list[str]] = {}
    for path, operations in paths.items():
        if "get" in operations and "{" not in path:
            try:
                found = get(path).get("data")
            except urllib.error.HTTPError:
                continue  # The key may not list these.
            for resource in [one for one in found or [] if may_be_changed(one)]:
                ids.setdefault(f"{resource['type']}-id", []).append(resource["id"])
    return ids


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    create_some_accounts()
    ids = known_ids(raw_schema["paths"])
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            # `fields[…]` leaves out what the schema of a reply requires.
            kept = [one for one in operation["parameters"] if not one.get("name", "").startswith("fields[")]
            operation["parameters"] = kept
            for parameter in kept:
                if parameter.get("name") == "include":
                    # Empty, it names nothing.
                    parameter["schema"]["items"]["enum"].append("")
                if parameter.get("in") == "path" and parameter["name"] in ids:
                    parameter["schema"] = {"type": "string", "enum": ids[parameter["name"]][:5]}
                    parameter.pop("example", None)
    narrow_accounts(raw_schema["components"]["schemas"], ids)
    widen_bodies(raw_schema["components"]["schemas"])


def narrow_accounts(schemas: dict[str, Any], ids: dict[str, list[str]]) -> None:
    for name in ["create-an-account-body", "update-an-account-body"]:
        attributes = schemas[name]["properties"]["data"]["properties"]["attributes"]["properties"]
        attributes["fields"] = {"type": ["object", "null"], "properties": FIELDS, "additionalProperties": False}
        if "account-type-id" in attributes:
            attributes["account-type-id"] = {"type": ["string", "null"], "enum": [*ids["account-type-id"], None]}


def widen_bodies(schemas: dict[str, Any]) -> None:
    """Null stands for an object that is left out. Clients need not know; a check would take it for a mistake."""
    # A batch is granted where its items are refused.
    batch = schemas["batch-accounts-body"]["properties"]
    batch["data"]["items"] = {"type": "object"}
    batch["meta"]["properties"]["upsert-by"] = {}
    search = schemas["search-accounts-body"]["properties"] if "search-accounts-body" in schemas else {}
    for name, member in search.items():
        search[name] = {"anyOf": [member, {"type": "null"}]}
    for name, schema in schemas.items():
        members = schema.get("properties", {}) if name.endswith("-body") else {}
        data = members.get("data", {}).get("properties", {})
        for holder, member in [(members, "data"), (members, "meta"), (data, "attributes")]:
            if holder.get(member, {}).get("type") == "object" and member not in schema.get("required", []):
                holder[member]["type"] = ["object", "null"]
