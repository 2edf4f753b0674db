using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.Client.Files;

/// <summary>The problems of a file, and the place of every path in it.</summary>
internal sealed class FileProblems(string file)
{
    private readonly List<FileProblem> _problems = [];
    private readonly Dictionary<string, TextPlace> _places = [];

    public bool IsEmpty => _problems.Count == 0;

    public int Count => _problems.Count;

    /// <summary>Remembers where a path is, for problems that are found later.</summary>
    public void Place(string path, TextPlace place) => _places.TryAdd(path, place);

    public void Place(string path, FileProblem place) => Place(path, new TextPlace(place.Line, place.Column));

    public void Add(TextPlace place, string path, string message) =>
        _problems.Add(new FileProblem(file, place.Line, place.Column, path, message));

    public void Add(FileProblem problem) => _problems.Add(problem);

    /// <summary>A problem of what was read, unless it only follows from one that the text has at the same path.</summary>
    public void AddUnlessKnown(SpecProblem problem)
    {
        if (!_problems.Exists(known => IsWithin(known.Path, problem.Field) || IsWithin(problem.Field, known.Path)))
        {
            Add(PlaceOf(problem.Field), problem.Field, problem.Message);
        }
    }

    /// <summary>Whether a path is refused, or something within it.</summary>
    public bool Has(string path) => _problems.Exists(known => IsWithin(known.Path, path));

    /// <summary>All of them, by place.</summary>
    public IReadOnlyList<FileProblem> InOrder() => [.. _problems.OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];

    /// <summary>A problem at a path, wherever that is.</summary>
    public FileProblem At(string path, string message) => new(file, PlaceOf(path).Line, PlaceOf(path).Column, path, message);

    private TextPlace PlaceOf(string path)
    {
        while (path.Length > 0)
        {
            if (_places.TryGetValue(path, out var place))
            {
                return place;
            }

            path = path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];
        }

        return new TextPlace(1, 1);
    }

    private static bool IsWithin(string path, string outer) =>
        outer.Length > 0 && path.StartsWith(outer, StringComparison.Ordinal) && (path.Length == outer.Length || path[outer.Length] is '.' or '[');
}
