using System.Globalization;
using Lcnn.Distributed.Data.Numpy;

namespace Lcnn.Distributed.Data.Own;

/// <summary>Images and labels of one part of an .npz file, which are as many.</summary>
/// <param name="Name">Key of the images.</param>
/// <param name="Header">Of the images.</param>
/// <param name="Labels">By sample.</param>
/// <param name="Layout">Of the images.</param>
/// <param name="Whole">All images, which are read when they are asked for.</param>
internal sealed record NumpyPart(string Name, NpyHeader Header, NpyArray Labels, ArrayLayout Layout, Lazy<NpyArray> Whole)
{
    /// <summary>All images in memory.</summary>
    public NpyArray Images => Whole.Value;

    /// <summary>What a sample is called in messages.</summary>
    public string NameOf(int sample) => $"{Name}[{sample}]";

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
