using System.Diagnostics;

namespace Lcnn.Distributed.EndToEndTests;

/// <summary>The SDK's command, as users run it.</summary>
internal static class Dotnet
{
    private static readonly TimeSpan _timeout = TimeSpan.FromMinutes(5);

    /// <summary>Runs to its end, which must be good.</summary>
    /// <returns>Its standard output.</returns>
    public static async Task<string> RunAsync(string workingDirectory, IReadOnlyList<string> arguments, params IReadOnlyList<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // what stays running would hold the pipes open
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(_timeout);
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(timeout.Token), process.StandardError.ReadToEndAsync(timeout.Token));
            await process.WaitForExitAsync(timeout.Token);
            Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}\n{await error}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
