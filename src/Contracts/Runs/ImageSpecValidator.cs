namespace Lcnn.Distributed.Contracts.Runs;

/// <summary>Checks the fields of a <see cref="RunSpec"/> that concern images of one's own.</summary>
internal static class ImageSpecValidator
{
    private const double LargestSplit = 0.9;

    public static IEnumerable<SpecProblem> Validate(RunSpec spec)
    {
        var fresh = new RunSpec();
        if (spec.Dataset is not null && !Names.IsDatasetPath(spec.Dataset))
        {
            foreach (var field in GivenFields(spec, fresh))
            {
                yield return new SpecProblem(field, $"is for images of your own, and {spec.Dataset} is taken as it is; leave it out, or give the path of a data set");
            }

            yield break;
        }

        if (spec.ImageSize is { } size && ImageTexts.ParseSize(size) is null)
        {
            yield return new SpecProblem(nameof(RunSpec.ImageSize), $"expected height and width from 1 to {ImageTexts.LargestSide} such as 32x32, got '{size}'");
        }

        if (spec.Normalize is { } text && ImageTexts.ParseNormalization(text) is null)
        {
            yield return new SpecProblem(nameof(RunSpec.Normalize), $"expected {ImageTexts.None}, or means and deviations above zero such as 0.5/0.25 or 0.49,0.48,0.45/0.2,0.2,0.2, got '{text}'");
        }

        // Written so that NaN fails and is refused.
        if (!(spec.Split is >= 0 and <= LargestSplit))
        {
            yield return new SpecProblem(nameof(RunSpec.Split), string.Create(NumberText.Plain, $"expected a number from 0 up to {LargestSplit}, got {spec.Split}"));
        }
    }

    private static IEnumerable<string> GivenFields(RunSpec spec, RunSpec fresh)
    {
        if (spec.ImageSize != fresh.ImageSize)
        {
            yield return nameof(RunSpec.ImageSize);
        }

        if (spec.Grayscale != fresh.Grayscale)
        {
            yield return nameof(RunSpec.Grayscale);
        }

        if (spec.Normalize != fresh.Normalize)
        {
            yield return nameof(RunSpec.Normalize);
        }

        if (spec.Split != fresh.Split)
        {
            yield return nameof(RunSpec.Split);
        }

        if (spec.SplitSeed != fresh.SplitSeed)
        {
            yield return nameof(RunSpec.SplitSeed);
        }

        if (spec.SkipBad != fresh.SkipBad)
        {
            yield return nameof(RunSpec.SkipBad);
        }
    }
}
