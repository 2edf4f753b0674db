using System.Globalization;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The points a parameter is restricted to by its values, step or count, as a person would write them down: 0.1, 0.2, 0.3.</summary>
public static class ParameterPoints
{
    // An end that a program computed in binary may fall short of the last step.
    private const double StepTolerance = 1e-9;

    /// <summary>Whether the parameter has points for a grid: values, whole numbers, or a range with a step or a count.</summary>
    public static bool IsCountable(ParameterSpec parameter) =>
        parameter.Kind is ParameterKind.Values or ParameterKind.Whole || IsRestricted(parameter);

    /// <summary>Whether a range is restricted to points by its step or count.</summary>
    public static bool IsRestricted(ParameterSpec parameter) => parameter.Step is not null || parameter.Count is not null;

    /// <summary>The number of points of a countable parameter.</summary>
    public static double CountOf(ParameterSpec parameter) => parameter switch
    {
        { Kind: ParameterKind.Values } => parameter.Values.Count,
        { Count: { } count } => count,
        _ => CountSteps(parameter.Low, parameter.High, parameter.Step ?? 1),
    };

    /// <summary>The points of a countable parameter, in order; values in the kind of their option, so that 64.0 is 64 where whole numbers are meant.</summary>
    public static IReadOnlyList<OptionValue> Of(ParameterSpec parameter) => parameter switch
    {
        { Kind: ParameterKind.Values } => [.. parameter.Values.Select(value => RunSpecOptions.Find(parameter.Name)?.Convert(value, KnownNames.OfAnyCluster).Value ?? value)],
        { Kind: ParameterKind.Whole } => [.. Numbers(parameter).Select(number => (long)Math.Round(number)).Distinct().Select(OptionValue.FromInt64)],
        _ => [.. Numbers(parameter).Select(OptionValue.FromDouble)],
    };

    private static double CountSteps(double low, double high, double step)
    {
        var (count, rest) = (DecimalNumber.Of(high) - DecimalNumber.Of(low)).DivideBy(DecimalNumber.Of(step));
        return count + (rest > 1 - StepTolerance ? 2 : 1);
    }

    private static IEnumerable<double> Numbers(ParameterSpec parameter)
    {
        var (low, high, count) = (parameter.Low, parameter.High, (int)CountOf(parameter));
        var isLog = parameter.IsLog || parameter.Kind == ParameterKind.LogRange;
        for (var i = 0; i < count; i++)
        {
            yield return parameter.Count is null ? Math.Min((DecimalNumber.Of(low) + (DecimalNumber.Of(parameter.Step ?? 1) * i)).ToDouble(), high)
                : isLog ? LogSpaced(low, high, i, count - 1)
                : DecimalNumber.Between(low, high, i, count - 1);
        }
    }

    // 15 digits, which a double always has: 0.001 and not 0.0009999999999999998.
    private static double LogSpaced(double low, double high, int part, int parts)
    {
        var number = low * Math.Pow(high / low, (double)part / parts);
        return part == 0 ? low : part == parts ? high
            : Math.Clamp(double.Parse(number.ToString("G15", CultureInfo.InvariantCulture), NumberStyles.Float, CultureInfo.InvariantCulture), low, high);
    }
}
