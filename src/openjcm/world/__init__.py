"""The worlds that OpenJCM is delivered with: the public record of the JCM, replayed, and one demonstration project.

``tables`` reads the package data. ``public_record`` and ``demonstration`` turn it into planned acts (pure functions:
the same data give the same acts with the same keys). ``load`` runs them through :mod:`openjcm.commands` like any other
act, so that journal, log, holdings and reports come from the same code as in daily use.
"""
