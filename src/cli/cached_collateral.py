"""Collateral in a user's cache, made older or worse than it is: for the tests of the commands that
fetch."""

import datetime
import json
import pathlib


def rfc3339(**ago):
    """The time so long ago."""
    then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(**ago)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def change_cache(environment, **members):
    """Gives every bundle in the cache these members. Returns how many bundles there are."""
    home = environment.get("XDG_CACHE_HOME", pathlib.Path(environment["HOME"], ".cache"))
    cached = list(pathlib.Path(home, "quoin", "collateral").glob("*.json"))
    for path in cached:
        path.write_text(json.dumps({**json.loads(path.read_bytes()), **members}))
    return len(cached)


def age_cache(environment, **ago):
    """Has all that is in the cache fetched so long ago. Returns how many bundles there are."""
    return change_cache(environment, fetched_at=rfc3339(**ago))


def damage_cache(environment):
    """Has nothing that is in the cache verify, and fetched an hour ago. Returns likewise."""
    return change_cache(environment, tcb_info_signature="00" * 64, fetched_at=rfc3339(hours=1))
