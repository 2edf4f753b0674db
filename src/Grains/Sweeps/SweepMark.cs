using Lcnn.Distributed.Grains.Storage;

namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The folder of a sweep, marked with its id so that no two sweeps write over each other.</summary>
internal static class SweepMark
{
    /// <summary>Name of the mark: a line with the id.</summary>
    public const string MarkName = "sweep.id";

    /// <summary>Marks the folder, which is made if need be, unless it has a mark.</summary>
    /// <remarks>One sweep at a time comes here, since it has claimed the folder.</remarks>
    /// <returns>The sweep that has the folder: this one, or the one that came first.</returns>
    public static string Mark(string folder, string sweepId)
    {
        var mark = Path.Combine(folder, MarkName);
        if (!File.Exists(mark))
        {
            WholeFile.WriteLine(folder, MarkName, sweepId);
        }

        return File.ReadAllText(mark).Trim();
    }
}
