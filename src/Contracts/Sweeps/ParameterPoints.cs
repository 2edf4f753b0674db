using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Contracts.Sweeps;

/// <summary>The points a parameter is restricted to by its values, step or count.</summary>
public static class ParameterPoints
{
    // A step that divides the range must reach its end although neither may be exact in binary.
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
        _ => Math.Floor(((parameter.High - parameter.Low) / (parameter.Step ?? 1)) + StepTolerance) + 1,
    };

    /// <summary>The points of a countable parameter, in order.</summary>
    public static IReadOnlyList<OptionValue> Of(ParameterSpec parameter) => parameter switch
    {
        { Kind: ParameterKind.Values } => parameter.Values,
        { Kind: ParameterKind.Whole } => [.. Numbers(parameter).Select(number => (long)Math.Round(number)).Distinct().Select(OptionValue.FromInt64)],
        _ => [.. Numbers(parameter).Select(OptionValue.FromDouble)],
    };

    private static IEnumerable<double> Numbers(ParameterSpec parameter)
    {
        var count = (int)CountOf(parameter);
        var isLog = parameter.IsLog || parameter.Kind == ParameterKind.LogRange;
        for (var i = 0; i < count; i++)
        {
            yield return parameter.Count is null
                ? parameter.Low + (i * (parameter.Step ?? 1))
                : Spaced(parameter.Low, parameter.High, (double)i / (count - 1), isLog);
        }
    }

    private static double Spaced(double low, double high, double share, bool isLog) => share switch
    {
        0 => low,
        1 => high,
        _ => isLog ? low * Math.Pow(high / low, share) : low + (share * (high - low)),
    };
}
