package dev.plinth.runtime.database.sqlite;

import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.DOUBLE;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.INTEGER;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.NUMERIC;
import static dev.plinth.runtime.database.sqlite.ColumnType.Kind.UNDECLARED;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads calls of functions of numbers: what is of NUMERIC is computed by functions of its own. */
final class NumberFunctions {

    private static final Set<String> NAMES = Set.of(
            "abs",
            "avg",
            "ceil",
            "ceiling",
            "div",
            "exp",
            "floor",
            "greatest",
            "least",
            "ln",
            "log",
            "min_scale",
            "mod",
            "pow",
            "power",
            "round",
            "scale",
            "sign",
            "sqrt",
            "sum",
            "trim_scale",
            "trunc");

    private final TokenEdits edits;
    private final Typing typing;
    private final NumberTypes numbers;

    NumberFunctions(TokenEdits edits, Typing typing, NumberTypes numbers) {
        this.edits = edits;
        this.typing = typing;
        this.numbers = numbers;
    }

    static boolean has(String name) {
        return NAMES.contains(name);
    }

    /**
     * What a call gives.
     *
     * @param start of its name
     */
    ColumnType type(int start, String name, List<Operand> arguments) {
        return switch (name) {
            case "greatest", "least" -> exact(start, name, typing.unified(arguments));
            case "mod", "div" -> division(start, name, typing.unified(arguments));
            case "power", "pow" -> power(start, arguments);
            case "scale", "min_scale", "trim_scale" -> ofDigits(start, name, arguments);
            default -> arguments.size() == 2 ? ofTwo(start, name, arguments) : ofOne(start, name, arguments);
        };
    }

    /** Calls what is for NUMERIC if the arguments are. */
    private ColumnType exact(int start, String name, List<Operand> arguments) {
        ColumnType type =
                arguments.isEmpty() ? ColumnType.UNDECLARED : arguments.get(0).type();
        if (type.kind() == NUMERIC) {
            arguments.forEach(numbers::argument);
            edits.replace(start, "numeric_" + name);
            return ColumnType.of(NUMERIC);
        }
        return type;
    }

    private ColumnType division(int start, String name, List<Operand> arguments) {
        ColumnType type = exact(start, name.equals("mod") ? "remainder" : "quotient", arguments);
        if (type.kind() != NUMERIC && name.equals("mod")) {
            edits.replace(start, "remainder"); // SQLite's own gives a floating number.
        }
        if (name.equals("div") && TypeRules.isWhole(type)) {
            edits.replace(start, "numeric_quotient");
            return ColumnType.of(NUMERIC);
        }
        return type;
    }

    private ColumnType power(int start, List<Operand> arguments) {
        if (arguments.size() != 2) {
            return ColumnType.UNDECLARED;
        }
        List<Operand> typed = List.of(
                typing.resolve(arguments.get(0), arguments.get(1).type()),
                typing.resolve(arguments.get(1), arguments.get(0).type()));
        ColumnType type = TypeRules.power(typed.get(0).type(), typed.get(1).type());
        if (type.kind() == NUMERIC) {
            typed.forEach(numbers::argument);
        } else {
            typed.forEach(argument -> numbers.to(type, argument));
        }
        edits.replace(start, type.kind() == NUMERIC ? "numeric_power" : "power");
        return type;
    }

    private ColumnType ofDigits(int start, String name, List<Operand> arguments) {
        List<Operand> resolved = new ArrayList<>();
        arguments.forEach(argument -> resolved.add(typing.resolve(argument, ColumnType.of(NUMERIC))));
        resolved.forEach(numbers::argument);
        edits.replace(start, "numeric_" + name);
        return ColumnType.of(name.equals("trim_scale") ? NUMERIC : INTEGER);
    }

    /** {@code round}, {@code trunc} and {@code log}, which with two arguments are of NUMERIC only. */
    private ColumnType ofTwo(int start, String name, List<Operand> arguments) {
        Operand first = typing.resolve(arguments.get(0), ColumnType.of(NUMERIC));
        ColumnType second = ColumnType.of(name.equals("log") ? NUMERIC : INTEGER);
        numbers.argument(first);
        numbers.argument(typing.resolve(arguments.get(1), second));
        if (TypeRules.isFloating(first.type())) {
            throw Refusal.of(
                    "function " + name + "(double precision, " + second.pgName() + ") does not exist", "42883");
        }
        edits.replace(start, "numeric_" + name);
        return ColumnType.of(NUMERIC);
    }

    private ColumnType ofOne(int start, String name, List<Operand> arguments) {
        boolean aggregate = name.equals("sum") || name.equals("avg");
        if (!aggregate) {
            arguments.replaceAll(argument -> typing.resolve(argument, ColumnType.of(DOUBLE)));
        }
        ColumnType first =
                arguments.isEmpty() ? ColumnType.UNDECLARED : arguments.get(0).type();
        ColumnType type = giving(name, first);
        if (aggregate && first.kind() != UNDECLARED && type.kind() == UNDECLARED) {
            throw Refusal.of("function " + name + "(" + first.pgName() + ") does not exist", "42883");
        }
        if (type.kind() == NUMERIC) {
            numbers.argument(arguments.get(0));
            edits.replace(start, "numeric_" + (name.equals("ceiling") ? "ceil" : name));
        } else if (name.equals("round") && type.kind() == DOUBLE) {
            edits.replace(start, "round_to_even");
        }
        return type;
    }

    private static ColumnType giving(String name, ColumnType argument) {
        return switch (name) {
            case "sum" -> TypeRules.sum(argument);
            case "avg" -> TypeRules.average(argument);
            case "abs" -> argument.kind() == NUMERIC ? ColumnType.of(NUMERIC) : argument;
            default -> TypeRules.decimalOrFloating(argument);
        };
    }
}
