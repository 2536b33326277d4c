# What is the same for every client. The Makefile says how it is built, and by which commands, a URL behind them, the example and
# the driven client start.
URL ?= ws://127.0.0.1:8003/join?uid=100
WIREPROOF ?= wireproof

.PHONY: run drive test probe

run: build ## Runs the example against the server at URL; wireproof serve is one.
	$(EXAMPLE) '$(URL)'

drive: build ## Runs the client that does what its server orders.
	exec $(HARNESS) '$(URL)'

test: build ## Runs the client's own tests, which need no server.
	$(TESTS)

probe: build ## Probes the client, and makes report.html of it; fails when a probe does.
	$(WIREPROOF) probe client --profile client.yaml $(PROBE_OPTIONS) --results results.ndjson --artifacts evidence -- \
	  $(HARNESS) {url}; status=$$?; \
	  $(WIREPROOF) report results.ndjson --format html --artifacts evidence --output report.html; exit $$status
