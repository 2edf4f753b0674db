using System.Diagnostics;

namespace Lcnn.Distributed.Mutants;

/// <summary>Other programs, run to their end.</summary>
internal static class Commands
{
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string folder, CancellationToken cancellationToken)
    {
        var (code, output) = await TryAsync(program, arguments, folder, cancellationToken);
        return code == 0 ? output : throw new InvalidOperationException($"{program} ended with {code}:\n{output}");
    }

    public static async Task<(int Code, string Output)> TryAsync(
        string program, IEnumerable<string> arguments, string folder, CancellationToken cancellationToken, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
