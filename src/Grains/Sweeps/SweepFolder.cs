namespace Lcnn.Distributed.Grains.Sweeps;

/// <summary>The folder of a sweep, marked with its id so that no two sweeps write over each other.</summary>
internal static class SweepFolder
{
    /// <summary>Name of the mark: a line with the id.</summary>
    public const string MarkName = "sweep.id";

    /// <summary>Marks the folder, which is made if need be, unless it has a mark.</summary>
    /// <returns>The sweep that has the folder: this one, or the one that came first.</returns>
    public static string Claim(string folder, string sweepId)
    {
        Directory.CreateDirectory(folder);
        var (mark, own) = (Path.Combine(folder, MarkName), Path.Combine(folder, $"{MarkName}.{Guid.NewGuid():n}.tmp"));
        File.WriteAllText(own, sweepId + "\n");
        try
        {
            File.Move(own, mark); // whole or not there, and never over another
        }
        catch (IOException) when (File.Exists(mark))
        {
            File.Delete(own);
        }

        return File.ReadAllText(mark).Trim();
    }
}
