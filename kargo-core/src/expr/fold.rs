//! What is known of literals before a run (promotion-engine 6.6).

use super::ast::{Ast, BinaryOp, Node, NodeId, UnaryOp};

/// The truth value of a literal, of one denied, and of two compared.
pub(super) fn truth(ast: &Ast, id: NodeId) -> Option<bool> {
    match ast.node(id) {
        Node::Bool(value) => Some(*value),
        Node::Unary(UnaryOp::Not, operand) => match ast.node(*operand) {
            Node::Bool(value) => Some(!value),
            _ => None,
        },
        Node::Binary { op: BinaryOp::Equal, left, right, .. } => match (ast.node(*left), ast.node(*right)) {
            (Node::Int(a), Node::Int(b)) => Some(a == b),
            (Node::Text(a), Node::Text(b)) => Some(a == b),
            (Node::Bool(a), Node::Bool(b)) => Some(a == b),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the node is a literal.
pub(super) fn is_literal(node: &Node) -> bool {
    matches!(node, Node::Nil | Node::Bool(_) | Node::Int(_) | Node::Float(_) | Node::Text(_) | Node::Bytes(_))
}
