using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Lcnn.Distributed.Mutants;

/// <summary>Every place of a file where one of the usual mutation operators applies (relational, arithmetic, logical, literals, conditions, removed statements).</summary>
internal static class MutationFinder
{
    private static readonly Dictionary<SyntaxKind, SyntaxKind> _binary = new()
    {
        [SyntaxKind.LessThanExpression] = SyntaxKind.LessThanOrEqualExpression,
        [SyntaxKind.LessThanOrEqualExpression] = SyntaxKind.LessThanExpression,
        [SyntaxKind.GreaterThanExpression] = SyntaxKind.GreaterThanOrEqualExpression,
        [SyntaxKind.GreaterThanOrEqualExpression] = SyntaxKind.GreaterThanExpression,
        [SyntaxKind.EqualsExpression] = SyntaxKind.NotEqualsExpression,
        [SyntaxKind.NotEqualsExpression] = SyntaxKind.EqualsExpression,
        [SyntaxKind.AddExpression] = SyntaxKind.SubtractExpression,
        [SyntaxKind.SubtractExpression] = SyntaxKind.AddExpression,
        [SyntaxKind.MultiplyExpression] = SyntaxKind.DivideExpression,
        [SyntaxKind.DivideExpression] = SyntaxKind.MultiplyExpression,
        [SyntaxKind.ModuloExpression] = SyntaxKind.MultiplyExpression,
        [SyntaxKind.LogicalAndExpression] = SyntaxKind.LogicalOrExpression,
        [SyntaxKind.LogicalOrExpression] = SyntaxKind.LogicalAndExpression,
    };

    private static readonly Dictionary<SyntaxKind, SyntaxKind> _assignments = new()
    {
        [SyntaxKind.AddAssignmentExpression] = SyntaxKind.SubtractAssignmentExpression,
        [SyntaxKind.SubtractAssignmentExpression] = SyntaxKind.AddAssignmentExpression,
        [SyntaxKind.MultiplyAssignmentExpression] = SyntaxKind.DivideAssignmentExpression,
    };

    private static readonly Dictionary<string, string> _calls = new()
    {
        ["Max"] = "Min",
        ["Min"] = "Max",
        ["Any"] = "All",
        ["All"] = "Any",
        ["Skip"] = "Take",
        ["Take"] = "Skip",
        ["OrderBy"] = "OrderByDescending",
        ["OrderByDescending"] = "OrderBy",
    };

    public static IEnumerable<Mutation> Find(string folder, string file, SyntaxNode root) =>
        root.DescendantNodes().Where(IsMutable).SelectMany(node => At(node).Select(found => new Mutation(folder, file, node, found.What, found.Mutated)));

    private static IEnumerable<(string What, Func<SyntaxNode, SyntaxNode> Mutated)> At(SyntaxNode node)
    {
        switch (node)
        {
            case BinaryExpressionSyntax binary when _binary.TryGetValue(binary.Kind(), out var kind) && !Declares(binary) && !HoldsText(binary):
                yield return ($"{binary.OperatorToken.Text} becomes {Operator(kind)}", n => BinaryExpression(kind, ((BinaryExpressionSyntax)n).Left, ((BinaryExpressionSyntax)n).Right));
                break;
            case BinaryExpressionSyntax binary when binary.IsKind(SyntaxKind.CoalesceExpression) && binary.Right is not ThrowExpressionSyntax:
                yield return ("always the right side", n => ((BinaryExpressionSyntax)n).Right);
                break;
            case PrefixUnaryExpressionSyntax unary when unary.Kind() is SyntaxKind.LogicalNotExpression or SyntaxKind.UnaryMinusExpression && !Declares(unary):
                yield return ($"without {unary.OperatorToken.Text}", n => ((PrefixUnaryExpressionSyntax)n).Operand);
                break;
            case LiteralExpressionSyntax { Token.Value: bool value }:
                yield return ("flipped", _ => LiteralExpression(value ? SyntaxKind.FalseLiteralExpression : SyntaxKind.TrueLiteralExpression));
                break;
            case LiteralExpressionSyntax { Token.Value: int value }:
                yield return ("one more", _ => ParseExpression((value + 1L).ToString(CultureInfo.InvariantCulture)));
                break;
            case LiteralExpressionSyntax { Token.Value: double value }:
                yield return ("doubled", _ => ParseExpression((value == 0 ? 1.0 : value * 2).ToString("R", CultureInfo.InvariantCulture) + "d"));
                break;
            case ConditionalExpressionSyntax conditional when !Declares(conditional.Condition):
                yield return ("branches swapped", n => ((ConditionalExpressionSyntax)n).WithWhenTrue(((ConditionalExpressionSyntax)n).WhenFalse).WithWhenFalse(((ConditionalExpressionSyntax)n).WhenTrue));
                break;
            case InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax member, ArgumentList.Arguments.Count: > 0 } when _calls.TryGetValue(member.Name.Identifier.Text, out var other):
                yield return ($"{member.Name} becomes {other}", n => Renamed((InvocationExpressionSyntax)n, other));
                break;
            case ExpressionStatementSyntax { Expression: AssignmentExpressionSyntax assignment } when _assignments.TryGetValue(assignment.Kind(), out var kind):
                yield return ("the other sign", n => ExpressionStatement(AssignmentExpression(kind, Assignment(n).Left, Assignment(n).Right)));
                break;
            case ExpressionStatementSyntax statement when IsRemovable(statement.Expression):
                yield return ("removed", _ => Block());
                break;
            case IfStatementSyntax branch when !Declares(branch.Condition):
                yield return ("never", n => ((IfStatementSyntax)n).Else?.Statement ?? Block());
                break;
        }
    }

    private static InvocationExpressionSyntax Renamed(InvocationExpressionSyntax call, string name)
    {
        var member = (MemberAccessExpressionSyntax)call.Expression;
        return call.WithExpression(member.WithName(member.Name.WithIdentifier(Identifier(name))));
    }

    private static AssignmentExpressionSyntax Assignment(SyntaxNode statement) => (AssignmentExpressionSyntax)((ExpressionStatementSyntax)statement).Expression;

    private static string Operator(SyntaxKind kind) => BinaryExpression(kind, IdentifierName("a"), IdentifierName("b")).OperatorToken.Text;

    /// <summary>A call whose result nobody reads, or a store that outlives the method (a local one would only break the build).</summary>
    private static bool IsRemovable(ExpressionSyntax expression) => !Declares(expression) && expression switch
    {
        InvocationExpressionSyntax => true,
        AwaitExpressionSyntax awaited => awaited.DescendantNodes().OfType<InvocationExpressionSyntax>().Any(),
        AssignmentExpressionSyntax { Left: MemberAccessExpressionSyntax or ElementAccessExpressionSyntax } => true,
        AssignmentExpressionSyntax { Left: IdentifierNameSyntax name } => name.Identifier.Text.StartsWith('_'),
        _ => false,
    };

    /// <summary>Not where the language wants a constant, and not in what is only said to people.</summary>
    private static bool IsMutable(SyntaxNode node) => !node.Ancestors().Any(ancestor => ancestor
        is AttributeSyntax or PatternSyntax or CaseSwitchLabelSyntax or ThrowStatementSyntax or ThrowExpressionSyntax or InterpolatedStringExpressionSyntax
        or EnumMemberDeclarationSyntax or ParameterSyntax or LocalDeclarationStatementSyntax { IsConst: true }
        || (ancestor is FieldDeclarationSyntax field && field.Modifiers.Any(SyntaxKind.ConstKeyword)));

    private static bool Declares(SyntaxNode node) => node.DescendantNodesAndSelf().Any(inner => inner is SingleVariableDesignationSyntax);

    private static bool HoldsText(SyntaxNode node) => node.DescendantNodes().Any(inner =>
        inner is InterpolatedStringExpressionSyntax || inner.IsKind(SyntaxKind.StringLiteralExpression));
}
