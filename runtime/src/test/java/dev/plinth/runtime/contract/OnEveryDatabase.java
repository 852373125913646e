package dev.plinth.runtime.contract;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs once on each kind of database, empty each time: SQLite in memory, SQLite in a file, a PostgreSQL database, and
 * a schema in a PostgreSQL database. It has a parameter of type {@link Database}.
 */
@TestTemplate
@ExtendWith(EveryDatabaseExtension.class)
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface OnEveryDatabase {}
