using System.Diagnostics;
using Lcnn.Distributed.Contracts.Runs;
using Lcnn.Distributed.Contracts.Sweeps;
using Lcnn.Distributed.Data.Randomness;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>
/// A parameter as an interval of numbers on which it is uniform: its own scale, the logarithm of it, or the index of a point. Values that
/// are apart have a cell around them, so that each is as likely as its cell is wide.
/// </summary>
internal abstract class ParameterAxis(double low, double high)
{
    /// <summary>Lower end of the interval.</summary>
    public double Low { get; } = low;

    /// <summary>Upper end of the interval.</summary>
    public double High { get; } = high;

    /// <summary>Values of a parameter without an order; null when it has one.</summary>
    public virtual int? CategoryCount => null;

    public static ParameterAxis Of(ParameterSpec parameter) => parameter switch
    {
        { Kind: ParameterKind.Values } => new CategoryAxis(parameter.Values),
        _ when ParameterPoints.IsRestricted(parameter) => new PointAxis(ParameterPoints.Of(parameter)),
        { Kind: ParameterKind.Whole } => new WholeAxis(parameter.Low, parameter.High, parameter.IsLog),
        { Kind: ParameterKind.LogRange } => new NumberAxis(parameter.Low, parameter.High, isLog: true),
        _ => new NumberAxis(parameter.Low, parameter.High, isLog: false),
    };

    /// <summary>The value at a coordinate.</summary>
    public abstract OptionValue ValueAt(double coordinate);

    /// <summary>The coordinate of a value.</summary>
    public abstract double CoordinateOf(OptionValue value);

    /// <summary>The coordinates that give the same value as this one; null when no two do.</summary>
    public virtual (double From, double To)? CellOf(double coordinate) => null;

    /// <summary>A uniform draw.</summary>
    public OptionValue Draw(ref RandomSource source) => ValueAt(Low + (source.NextDouble() * (High - Low)));

    private static double NumberOf(OptionValue value) =>
        value.AsNumber ?? throw new UnreachableException($"a number was expected, got '{value}'");

    private sealed class NumberAxis(double low, double high, bool isLog)
        : ParameterAxis(isLog ? Math.Log(low) : low, isLog ? Math.Log(high) : high)
    {
        public override OptionValue ValueAt(double coordinate) => Math.Clamp(isLog ? Math.Exp(coordinate) : coordinate, low, high);

        public override double CoordinateOf(OptionValue value) => Math.Clamp(isLog ? Math.Log(NumberOf(value)) : NumberOf(value), Low, High);
    }

    private sealed class WholeAxis(double low, double high, bool isLog)
        : ParameterAxis(isLog ? Math.Log(low - 0.5) : low - 0.5, isLog ? Math.Log(high + 0.5) : high + 0.5)
    {
        public override OptionValue ValueAt(double coordinate) => (long)Round(coordinate);

        public override double CoordinateOf(OptionValue value) => Scale(Math.Clamp(NumberOf(value), low, high));

        public override (double From, double To)? CellOf(double coordinate)
        {
            var whole = Round(coordinate);
            return (Scale(whole - 0.5), Scale(whole + 0.5));
        }

        private double Round(double coordinate) => Math.Clamp(Math.Round(isLog ? Math.Exp(coordinate) : coordinate), low, high);

        private double Scale(double number) => isLog ? Math.Log(number) : number;
    }

    private sealed class PointAxis(IReadOnlyList<OptionValue> points) : ParameterAxis(-0.5, points.Count - 0.5)
    {
        public override OptionValue ValueAt(double coordinate) => points[Index(coordinate)];

        public override double CoordinateOf(OptionValue value)
        {
            var number = NumberOf(value);
            return Enumerable.Range(0, points.Count).MinBy(i => Math.Abs(NumberOf(points[i]) - number));
        }

        public override (double From, double To)? CellOf(double coordinate) => (Index(coordinate) - 0.5, Index(coordinate) + 0.5);

        private int Index(double coordinate) => Math.Clamp((int)Math.Round(coordinate), 0, points.Count - 1);
    }

    private sealed class CategoryAxis(IReadOnlyList<OptionValue> values) : ParameterAxis(0, values.Count)
    {
        public override int? CategoryCount => values.Count;

        public override OptionValue ValueAt(double coordinate) => values[Math.Clamp((int)coordinate, 0, values.Count - 1)];

        // A value added by hand may be none of them: -1.
        public override double CoordinateOf(OptionValue value)
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (SearchSpace.IsSame(values[i], value))
                {
                    return i;
                }
            }

            return -1;
        }
    }
}
