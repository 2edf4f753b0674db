using Microsoft.CodeAnalysis;

namespace Lcnn.Distributed.Mutants;

/// <summary>One small fault that can be put into the code: what stands there, and what would stand there instead.</summary>
/// <param name="Folder">The folder whose score it counts for, below <c>src</c>: <c>Model/Training</c>.</param>
/// <param name="File">Its file, relative to the repository.</param>
/// <param name="Node">The statement or expression that is replaced.</param>
/// <param name="Mutated">The same with the fault; made from the node as other mutations left it, since they nest.</param>
internal sealed record Mutation(string Folder, string File, SyntaxNode Node, string What, Func<SyntaxNode, SyntaxNode> Mutated)
{
    public int Number { get; init; }

    public int Line => Node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;

    public override string ToString() => $"{File}:{Line} {What}: {Excerpt}";

    private string Excerpt
    {
        get
        {
            var text = string.Join(' ', Node.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return text.Length <= 100 ? text : text[..100] + "...";
        }
    }
}
