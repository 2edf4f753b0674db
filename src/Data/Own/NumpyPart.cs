using System.Globalization;
using Lcnn.Distributed.Data.Numpy;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Images and labels of one part of an .npz file, which are as many.</summary>
internal sealed record NumpyPart(NpyArray Images, NpyArray Labels, ArrayLayout Layout)
{
    /// <summary>What a sample is called in messages.</summary>
    public string NameOf(int sample) => $"{Images.Name}[{sample}]";

    /// <summary>A label without a problem.</summary>
    public int Label(int sample) => (int)Labels.Number(sample)!.Value;

    /// <summary>What is wrong with a label; null if nothing is.</summary>
    public string? LabelProblem(int sample)
    {
        var label = Labels.Number(sample)!.Value;
        return label >= 0 && label < ImageAssembler.LargestClasses && label == Math.Floor(label)
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"label {label}, expected a whole number from 0 to {ImageAssembler.LargestClasses - 1}");
    }
}
