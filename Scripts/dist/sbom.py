"""The bill of materials, CycloneDX 1.6: everything that the executable holds or loads, with version and licence."""
import hashlib
import json
import time
import urllib.parse
import uuid

import licences
from release import CPU, SUMMARY, moment, version


def licence(expression):
    return [{"expression": expression}]


def component(name, version, expression, location, purl, scope="required"):
    return {
        "type": "library", "bom-ref": purl, "name": name, "version": version, "scope": scope,
        "licenses": licence(expression), "purl": purl, "externalReferences": [{"type": "website", "url": location}],
    }


def components():
    found = []
    for package in licences.packages():
        place = package["location"].removeprefix("https://")
        found.append(component(
            package["name"], package["version"], package["licence"], package["location"],
            f"pkg:swift/{place}@{package['version']}", "required" if package["isLinked"] else "excluded"))
    revision = licences.boringssl()
    found.append(component(
        "BoringSSL", revision, "Apache-2.0 AND OpenSSL AND ISC AND MIT", "https://boringssl.googlesource.com/boringssl",
        f"pkg:generic/boringssl@{revision}"))
    swift = licences.swift_version()
    found.append(component(
        "swift-runtime", swift, "Apache-2.0 WITH Swift-exception", "https://www.swift.org", f"pkg:generic/swift@{swift}"))
    for scope, libraries in (("required", licences.SYSTEM), ("optional", licences.LOADED)):
        for package, (name, expression, location) in libraries.items():
            has = licences.debian_version(package)
            if has is None and scope == "required":
                raise SystemExit(f"{package} is not installed, and the executable is said to hold it")
            purl = f"pkg:deb/debian/{package}@{urllib.parse.quote(has, safe='')}" if has else f"pkg:deb/debian/{package}"
            found.append(component(name, has or "any", expression, location, purl, scope))
    return found


def document(executable):
    """The document as JSON text."""
    content = executable.read_bytes()
    found = components()
    reference = f"pkg:generic/wireproof@{version()}?arch={CPU}"
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        # One build has one number, so that the same commit gives the same file.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(content).hexdigest())}",
        "metadata": {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment())),
            "component": {
                "type": "application", "bom-ref": reference, "name": "wireproof", "version": version(),
                "description": SUMMARY, "licenses": licence("Apache-2.0"), "purl": reference,
                "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(content).hexdigest()}],
            },
        },
        "components": found,
        "dependencies": [{
            "ref": reference, "dependsOn": [c["bom-ref"] for c in found if c["scope"] != "excluded"],
        }],
    }
    return json.dumps(bill, indent=2, ensure_ascii=False) + "\n"
