/**
 * A software catalog over descriptor files in Backstage's entity format.
 *
 * <p>{@link dev.plinth.example.catalog.CatalogPlugin} is the place to start. On the way in, {@code Refresh} walks the
 * {@code Locations}, {@code DescriptorReader} turns each file into entities and problems, and {@code CatalogWriter} stores them. On
 * the way out, {@code CatalogApi} turns a request into an {@code EntityQuery} and {@code CatalogReader} answers it.
 */
@NullMarked
package dev.plinth.example.catalog;

import org.jspecify.annotations.NullMarked;
