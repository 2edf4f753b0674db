using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Lcnn.Distributed.Mutants;

/// <summary>A clone of the repository with all mutations in it at once, each behind a switch that an environment variable throws: one build instead of hundreds.</summary>
internal sealed partial class MutatedTree(string path)
{
    private static readonly string[] _projects = ["src/Contracts", "src/Data", "src/Model", "src/Grains"];

    public string Path => path;

    /// <summary>Clones what is committed, replacing what an earlier run left.</summary>
    public static async Task<MutatedTree> CloneAsync(string repository, string path, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }

        await Commands.RunAsync("git", ["clone", "--quiet", "--no-hardlinks", repository, path], repository, cancellationToken);
        return new MutatedTree(path);
    }

    public IReadOnlyList<Mutation> Candidates(string folder)
    {
        var root = System.IO.Path.Combine(path, "src", folder);
        return
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(file =>
                MutationFinder.Find(folder, System.IO.Path.GetRelativePath(path, file), CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot())),
        ];
    }

    /// <summary>Weaves the mutations in and builds; those that the compiler refuses are left out. Returns those that are in.</summary>
    public async Task<IReadOnlyList<Mutation>> BuildAsync(IReadOnlyList<Mutation> mutations, CancellationToken cancellationToken)
    {
        foreach (var project in _projects)
        {
            await File.WriteAllTextAsync(System.IO.Path.Combine(path, project, "MutantSwitch.cs"), SwitchSource, cancellationToken);
        }

        var touched = mutations.Select(m => m.File).Distinct().ToList();
        while (true)
        {
            var woven = mutations.GroupBy(m => m.File).ToDictionary(g => g.Key, g => Weave([.. g]));
            foreach (var file in touched)
            {
                await File.WriteAllTextAsync(System.IO.Path.Combine(path, file), woven.GetValueOrDefault(file) ?? await OriginalAsync(file, cancellationToken), cancellationToken);
            }

            string[] arguments = ["build", "Lcnn.Distributed.sln", "-c", "Release", "-v", "quiet", "-nologo", "-p:TreatWarningsAsErrors=false", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false"];
            var (code, output) = await Commands.TryAsync("dotnet", arguments, path, cancellationToken);
            if (code == 0)
            {
                return mutations;
            }

            var refused = Refused(output, woven);
            if (refused.Count == 0)
            {
                throw new InvalidOperationException($"The mutated tree does not build, and no mutation explains it:\n{output}");
            }

            Console.WriteLine($"{refused.Count} mutations do not compile and are left out");
            mutations = [.. mutations.Where(m => !refused.Contains(m.Number))];
        }
    }

    private async Task<string> OriginalAsync(string file, CancellationToken cancellationToken) =>
        (await Commands.RunAsync("git", ["show", $"HEAD:{file}"], path, cancellationToken));

    private static string Weave(IReadOnlyList<Mutation> mutations)
    {
        var byNode = mutations.ToDictionary(m => m.Node);
        var root = mutations[0].Node.SyntaxTree.GetRoot();
        return root.ReplaceNodes(byNode.Keys, (node, rewritten) => Switched(byNode[node], rewritten)).ToFullString();
    }

    private static SyntaxNode Switched(Mutation mutation, SyntaxNode original)
    {
        var isOn = $"global::MutantSwitch.Is({mutation.Number})";
        var bare = original.WithoutTrivia();
        SyntaxNode switched = original is StatementSyntax
            ? ParseStatement($"if ({isOn}) {{ {mutation.Mutated(bare).NormalizeWhitespace().ToFullString()} }} else {{ {bare.ToFullString()} }}")
            : ParseExpression($"({isOn} ? ({mutation.Mutated(bare).NormalizeWhitespace().ToFullString()}) : ({bare.ToFullString()}))");
        return switched.WithTriviaFrom(original);
    }

    /// <summary>The mutations on the lines that the compiler complains of, or in the member around them.</summary>
    private HashSet<int> Refused(string output, Dictionary<string, string> woven)
    {
        var refused = new HashSet<int>();
        foreach (Match error in ErrorLine().Matches(output))
        {
            var file = System.IO.Path.GetRelativePath(path, error.Groups["file"].Value.Trim());
            if (!woven.TryGetValue(file, out var text))
            {
                continue;
            }

            var line = int.Parse(error.Groups["line"].Value, System.Globalization.CultureInfo.InvariantCulture) - 1;
            var inLine = Numbers(text.Split('\n')[line]);
            if (inLine.Count == 0)
            {
                var tree = CSharpSyntaxTree.ParseText(text);
                var member = tree.GetRoot().FindNode(tree.GetText().Lines[line].Span).AncestorsAndSelf().OfType<MemberDeclarationSyntax>().First();
                inLine = Numbers(member.ToFullString());
            }

            refused.UnionWith(inLine);
        }

        return refused;
    }

    private static List<int> Numbers(string text) => [.. SwitchNumber().Matches(text).Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))];

    [GeneratedRegex(@"^(?<file>[^(\n]+\.cs)\((?<line>\d+),\d+\): error", RegexOptions.Multiline)]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"MutantSwitch\.Is\((\d+)\)")]
    private static partial Regex SwitchNumber();

    private const string SwitchSource = """
        internal static class MutantSwitch
        {
            private static readonly int s_on = int.TryParse(System.Environment.GetEnvironmentVariable("LCNN_MUTANT"), out var number) ? number : -1;
            private static readonly string s_reached = System.Environment.GetEnvironmentVariable("LCNN_MUTANTS_REACHED");
            private static readonly System.Collections.Concurrent.ConcurrentDictionary<int, bool> s_seen = new();

            public static bool Is(int number)
            {
                if (s_reached != null && s_seen.TryAdd(number, true))
                {
                    lock (s_seen)
                    {
                        System.IO.File.AppendAllText(System.IO.Path.Combine(s_reached, $"{System.Environment.ProcessId}-{typeof(MutantSwitch).Assembly.GetName().Name}"), number + "\n");
                    }
                }

                return number == s_on;
            }
        }
        """;
}
