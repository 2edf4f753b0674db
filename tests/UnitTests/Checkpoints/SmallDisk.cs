using System.ComponentModel;
using System.Diagnostics;

namespace Lcnn.Distributed.UnitTests.Checkpoints;

/// <summary>A disk of a given size in memory; tests skip where it cannot be mounted.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(string size)
    {
        var problem = Run("mount", "-t", "tmpfs", "-o", $"size={size}", "none", Path);
        if (problem is not null)
        {
            Directory.Delete(Path);
            Assert.Skip($"a small disk cannot be mounted here: {problem}");
        }
    }

    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("lcnn-disk-").FullName;

    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    /// <summary>Takes what is left of it.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                ballast.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Gives it back.</summary>
    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", Path);
        Directory.Delete(Path);
    }

    // What went wrong, or null.
    private static string? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            var problem = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? null : problem.Trim();
        }
        catch (Win32Exception problem)
        {
            return problem.Message;
        }
    }
}
