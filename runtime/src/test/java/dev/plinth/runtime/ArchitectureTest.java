package dev.plinth.runtime;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Holds the arrows: Main, cli, Backend, then plugin, database and http side by side, then config. */
@AnalyzeClasses(packages = "dev.plinth", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "dev.plinth.runtime";

    @ArchTest
    static final ArchRule pluginsAndDatabasesMeetOnTheEventBusOnly = noClasses()
            .that()
            .resideInAPackage(ROOT + ".plugin..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".database..", ROOT + ".http..", ROOT + ".cli..", ROOT);

    @ArchTest
    static final ArchRule databasesKnowNothingOfPlugins = noClasses()
            .that()
            .resideInAPackage(ROOT + ".database..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".plugin..", ROOT + ".http..", ROOT + ".cli..", ROOT);

    @ArchTest
    static final ArchRule httpSeesTheOthersThroughItsOwnInterfaces = noClasses()
            .that()
            .resideInAPackage(ROOT + ".http..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".plugin..", ROOT + ".database..", ROOT + ".bus..", ROOT + ".cli..", ROOT);

    @ArchTest
    static final ArchRule configurationStandsOnItsOwn = classes()
            .that()
            .resideInAPackage(ROOT + ".config..")
            .should()
            .onlyDependOnClassesThat(
                    resideInAnyPackage(ROOT + ".config..").or(resideOutsideOfPackages("dev.plinth..")));

    @ArchTest
    static final ArchRule theBusSmallTalkStandsOnThePluginApiAlone = noClasses()
            .that()
            .resideInAPackage(ROOT + ".bus..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ROOT + ".plugin..", ROOT + ".database..", ROOT + ".http..", ROOT + ".cli..", ROOT);

    @ArchTest
    static final ArchRule thePluginApiKnowsNothingOfTheRuntime = noClasses()
            .that()
            .resideInAPackage("dev.plinth.plugin..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ROOT + "..");

    @ArchTest
    static final ArchRule onlyMainReadsTheEnvironment = noClasses()
            .that()
            .doNotHaveFullyQualifiedName(ROOT + ".Main")
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class);

    @ArchTest
    static final ArchRule nothingStaticIsMutable =
            noFields().that().areStatic().should().notBeFinal().allowEmptyShould(true);
}
