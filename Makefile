# The two commands are `make run` and `make test`. Everything they need is set up by tools/bootstrap.py.
PYTHON ?= python3
BOOTSTRAP = $(PYTHON) tools/bootstrap.py

.PHONY: help run test bench bench-billion bench-faults bench-years soak-live twins crash guards clean
.DEFAULT_GOAL := help

help: ## show these commands
	@$(BOOTSTRAP) help

run: ## set up what is missing, start the database, load the public record and the demonstration, and serve
	@exec $(BOOTSTRAP) run

test: ## set up what is missing, then ruff, mypy and all tests
	@exec $(BOOTSTRAP) test $(ARGS)

bench: ## run every program in benchmarks/ and print its figures
	@exec $(BOOTSTRAP) bench $(ARGS)

bench-faults: ## put faults into real meter series and print how well they are seen, beside the field's libraries
	@exec $(BOOTSTRAP) bench-faults $(ARGS)

soak-live: ## receive batches of live meters for an hour (ARGS=seconds) and print the receivers' memory
	@exec $(BOOTSTRAP) soak-live $(ARGS)

crash: ## kill -9 the application, the database and both under load (ARGS="--rounds 5 --kills 20"); count what is lost
	@exec $(BOOTSTRAP) crash $(ARGS)

twins: ## run two governments' installations against each other (ARGS="seconds seed"), with cuts, and reconcile
	@exec $(BOOTSTRAP) twins $(ARGS)

bench-billion: ## judge 10^8 and 10^9 meter readings (1 GB of disk, 2 GB of memory, some minutes)
	@exec $(BOOTSTRAP) bench-billion $(ARGS)

bench-years: ## 25 years of a JCM many times today's size (ARGS="--size 30"), and its audit; the default size takes hours
	@exec $(BOOTSTRAP) bench-years $(ARGS)

guards: ## delete the guards of the ledger one at a time; each must turn a test red
	@exec $(BOOTSTRAP) guards $(ARGS)

clean: ## remove the environment, tools and caches; the data folder stays
	@exec $(BOOTSTRAP) clean
