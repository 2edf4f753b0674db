namespace Lcnn.Distributed.Cli.Display;

/// <summary>Figures as people read them, in whatever shows them.</summary>
/// <param name="Heading">What they are of.</param>
/// <param name="Columns">Their names, the first of what the rows differ in.</param>
/// <param name="Rows">As many texts each as there are columns.</param>
internal sealed record FigureTable(string Heading, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
