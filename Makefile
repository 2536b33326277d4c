# Products are named: a build of everything compiles the tools of dependencies too, protoc with its 500 files of C++.
# The demo and the tests use one configuration and one scratch path: what the demo shows is what the tests tested.
SWIFT ?= swift
DEBUG := .build/debug
RELEASE := .build/release
# A release holds the Swift runtime and the system's libraries, so that it runs where nothing is installed.
STATIC := $(CURDIR)/.build/static-libraries
RELEASE_FLAGS := -c release --static-swift-stdlib
ifeq ($(shell uname -s),Linux)
RELEASE_FLAGS += --pkg-config-path $(STATIC) -Xlinker --no-export-dynamic
endif
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60
FUZZ_TARGET ?=

.DEFAULT_GOAL := help
.PHONY: adapters help demo test scripts build dist dist-test library-test docs packages vectors check autobahn format lint \
  sanitize fuzz bench install clean

help: ## Says what there is.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: packages ## Verifies the vectors and inspects the shipped captures; nothing else is needed.
	$(SWIFT) build --product wireproof
	$(DEBUG)/wireproof demo

test: packages ## Runs every test: those of the scripts and the Swift tests, side by side.
	$(SWIFT) build --product wireproof
	WIREPROOF_FUZZING=1 $(SWIFT) build --target FuzzWire
	WIREPROOF_FUZZING=1 $(SWIFT) build --target FuzzFiles
	$(SWIFT) build --product wireproofPackageTests
	python3 Scripts/side-by-side.py "$(MAKE) --no-print-directory scripts" \
	  "python3 Scripts/swift-tests.py $(SWIFT) test --skip-build --no-parallel"

# A check that fails beside the Swift tests is made once more: what was the machine's fault passes then, and has been named.
steadily = @echo $(1); $(1) || { echo "Once more, for what failed beside other work:" $(1); $(1); }

# What holds the executable against what was written apart from it.
scripts:
	$(call steadily,python3 Scripts/swift-tests-test.py)
	$(call steadily,python3 vectors/check.py)
	$(call steadily,python3 vectors/check.py --self-test)
	$(call steadily,python3 Scripts/autobahn.py --short --wireproof $(DEBUG)/wireproof)
	$(call steadily,python3 Scripts/second-opinion.py $(DEBUG)/wireproof)
	$(call steadily,python3 Scripts/independent-server.py --wireproof $(DEBUG)/wireproof --short)
	$(call steadily,python3 Scripts/legal-servers.py --wireproof $(DEBUG)/wireproof --short)
	$(call steadily,python3 Scripts/faulty-server.py --wireproof $(DEBUG)/wireproof --short)
	$(call steadily,python3 Scripts/faulty-client.py --wireproof $(DEBUG)/wireproof --short)
	$(call steadily,python3 Scripts/client-examples.py --wireproof $(DEBUG)/wireproof)
	$(call steadily,python3 Scripts/troublesome-captures.py --inspect "$(DEBUG)/wireproof inspect")
	$(call steadily,python3 Scripts/report-junit-test.py $(DEBUG)/wireproof)
	$(call steadily,python3 Scripts/report-page-test.py $(DEBUG)/wireproof)
	$(call steadily,python3 Scripts/inspect-page-test.py $(DEBUG)/wireproof)
	$(call steadily,python3 Scripts/console.py --short --wireproof $(DEBUG)/wireproof)
	$(call steadily,python3 Scripts/coverage.py $(DEBUG)/wireproof)
	$(call steadily,python3 Scripts/original-behavior.py $(DEBUG)/wireproof)
	$(call steadily,python3 Scripts/init-servers.py --wireproof $(DEBUG)/wireproof --short)
	$(call steadily,python3 Scripts/init-clients.py --wireproof $(DEBUG)/wireproof --short)
	$(call steadily,python3 Scripts/translations.py)
	$(call steadily,python3 Scripts/adapters.py --wireproof $(DEBUG)/wireproof --short)
	$(call steadily,python3 Scripts/adapter-lines.py)
	$(call steadily,python3 Scripts/dist/workflow_steps.py)
	$(call steadily,python3 Scripts/dist/documented_pipelines.py --look)

build: packages ## Builds the optimised executable, .build/release/wireproof.
	@sh Scripts/dist/static-libraries.sh $(STATIC) >/dev/null
	$(SWIFT) build $(RELEASE_FLAGS) --product wireproof

dist: build ## Makes the artefacts of a release in dist/: tar.gz, deb, wheel, npm, OCI image, SBOM, checksums.
	python3 Scripts/dist/make.py

dist-test: ## Installs what is in dist/ in bare systems and tries it there; runs the pipelines of docs/ci.md.
	python3 Scripts/dist/workflow_steps.py
	python3 Scripts/dist/package_checks.py
	python3 Scripts/dist/first_minute.py
	python3 Scripts/dist/documented_pipelines.py

library-test: ## Builds a package that depends on this one, and says what it compiled.
	python3 Scripts/dist/dependent_package.py

docs: packages ## Builds the documentation of the libraries, docs of DocC below .build/documentation.
	sh Scripts/dist/documentation.sh

packages: ## Installs the system packages that are missing (zlib, libpcap, libyaml, libcrypto, python3).
	@sh Scripts/system-packages.sh

vectors: packages ## Writes the golden vectors anew from Sources/VectorGeneration.
	$(SWIFT) build --product generate-vectors
	$(DEBUG)/generate-vectors vectors

check: build ## Runs the judge of captures against the optimised inspector.
	python3 captures/nasty/check.py --inspect "$(RELEASE)/wireproof inspect" captures
	python3 captures/nasty/check.py --inspect "$(RELEASE)/wireproof inspect" captures/generated
	python3 captures/nasty/check.py --inspect "$(RELEASE)/wireproof inspect" captures/nasty
	python3 captures/nasty/check.py --inspect "$(RELEASE)/wireproof inspect" captures/tls

format: ## Formats the Swift code in place.
	$(SWIFT) format -i -r Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Fuzzing/Package.swift Fuzzing/Sources Fuzzing/Targets

lint: ## Holds the code against the format and the layers of the design.
	$(SWIFT) format lint --strict -r Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources Fuzzing/Package.swift Fuzzing/Sources Fuzzing/Targets
	python3 Scripts/check-imports.py

adapters: packages ## Builds, verifies and probes what there is for other languages, where their toolchains are here.
	$(SWIFT) build --product wireproof
	python3 Scripts/adapters.py --wireproof $(DEBUG)/wireproof
	python3 Scripts/init-servers.py --wireproof $(DEBUG)/wireproof
	python3 Scripts/init-clients.py --wireproof $(DEBUG)/wireproof
	python3 Scripts/console.py --flood 60 --wireproof $(DEBUG)/wireproof

autobahn: build ## Runs an outside WebSocket suite (kosoku from PyPI, the 517 Autobahn cases) in both roles.
	python3 Scripts/autobahn.py

sanitize: packages ## Runs the Swift tests under the thread sanitizer, then under the address sanitizer.
	$(SWIFT) build --sanitize=thread --scratch-path .build-thread --product wireproofPackageTests
	TSAN_OPTIONS="suppressions=$(CURDIR)/Scripts/thread-sanitizer.txt" \
	  $(SWIFT) test --sanitize=thread --scratch-path .build-thread --skip-build --no-parallel
	$(SWIFT) build --sanitize=address --scratch-path .build-address --product wireproofPackageTests
	ASAN_OPTIONS=detect_leaks=0 \
	  $(SWIFT) test --sanitize=address --scratch-path .build-address --skip-build --no-parallel

# Both sanitizers have to be named once for SwiftPM and together for the compiler, which heeds the last of several.
fuzz: packages ## Fuzzes every decoder, FUZZ_SECONDS each (60), or FUZZ_TARGET alone.
	for product in fuzz-wire fuzz-files; do \
	  WIREPROOF_FUZZING=1 $(SWIFT) build -c release --package-path Fuzzing --product $$product \
	    --sanitize=fuzzer --sanitize=address -Xswiftc -sanitize=fuzzer,address || exit 1; \
	done
	python3 Fuzzing/run.py $(FUZZ_SECONDS) $(FUZZ_TARGET)

bench: packages ## Measures decoding next to C, the peer next to NIO, inspecting next to tshark.
	sh Benchmarks/run.sh
	cd Benchmarks && $(SWIFT) build -c release --product peer-benchmark && python3 peer.py
	$(MAKE) build && python3 Benchmarks/captures/compare.py

install: build ## Installs the executable, its data, manual pages and completions below PREFIX.
	python3 Scripts/dist/make.py --stage "$(DESTDIR)$(PREFIX)"

clean: ## Removes what was built.
	rm -rf .build dist Benchmarks/.build Fuzzing/.build Fuzzing/.corpus Fuzzing/.crashes demo
