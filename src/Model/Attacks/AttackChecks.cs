using Lcnn.Distributed.Model.Numerics;
using static TorchSharp.torch;

namespace Lcnn.Distributed.Model.Attacks;

/// <summary>AutoAttack's own signs that its verdict may be worth little (checks.py at a392200), as sentences for the reader.</summary>
public static class AttackChecks
{
    private const int Passes = 5;
    private const double LargestDifference = 1e-4; // of logits divided by their norm, between passes
    private const double ProbabilityTolerance = 1e-5;
    private const double LargestShareOfSquare = 0.002;

    /// <summary>Of the classifier, tried on some images.</summary>
    internal static IReadOnlyList<string> OfClassifier(Classifier classifier, Tensor x_BCHW)
    {
        using var scope = NewDisposeScope();
        var outputs = Enumerable.Range(0, Passes).Select(_ => classifier.Logits(x_BCHW)).ToList();
        var flags = new List<string>();
        if (outputs.Skip(1).Any(output => Differs(output, outputs[0])))
        {
            flags.Add("the classifier answers at random: attacks must average over its answers, which these do not");
        }

        if (LooksLikeProbabilities(outputs[0]))
        {
            flags.Add("the classifier's outputs are probabilities: attacks want logits");
        }

        return flags;
    }

    /// <summary>Of the number of classes.</summary>
    public static IReadOnlyList<string> OfClasses(int classes) => classes switch
    {
        < AutoAttack.FewestClassesOfRatio => [$"with {classes} classes there is no targeted difference of logits ratio: apgd-t was left out"],
        < 10 => [$"with {classes} classes there are {classes - 1} targets instead of 9"],
        _ => [],
    };

    /// <summary>Of the outcome.</summary>
    /// <param name="accuracy">Of the same samples.</param>
    public static IReadOnlyList<string> OfOutcome(IReadOnlyCollection<SampleAttack> samples, RobustAccuracy accuracy)
    {
        var flags = new List<string>();
        if (samples.Count(sample => sample.HadNoGradient) is > 0 and var count)
        {
            flags.Add($"{count} samples have gradients of zero: attacks by gradients see nothing there");
        }

        if (accuracy.After.Count > 1 && accuracy.After[^1] is { Key: "square" } last && accuracy.After[^2].Value - last.Value > LargestShareOfSquare)
        {
            flags.Add("square, which needs no gradients, found more than 0.2 % that the others had not: gradients may be masked; try more queries or an attack made for this network");
        }

        return flags;
    }

    private static bool Differs(Tensor one, Tensor other)
    {
        using var scope = NewDisposeScope();
        static Tensor Unit(Tensor output) => output / (output * output).sum([1L], keepdim: true).sqrt().Plus(1e-10);
        var difference = Unit(one) - Unit(other);
        return (difference * difference).sum([1L]).max().ReadDouble() > LargestDifference * LargestDifference
            || one.argmax(1).ne(other.argmax(1)).any().ReadBoolean();
    }

    private static bool LooksLikeProbabilities(Tensor output)
    {
        using var scope = NewDisposeScope();
        return output.max().ReadDouble() < 1 + ProbabilityTolerance
            && output.min().ReadDouble() > -ProbabilityTolerance
            && output.sum([1L]).Plus(-1).abs().max().ReadDouble() < ProbabilityTolerance;
    }
}
